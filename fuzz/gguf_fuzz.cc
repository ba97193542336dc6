// Any bytes as a GGUF file: parsing, every accessor, and decoding and checking of small tensors.
#include <cstddef>
#include <cstdint>
#include <vector>

#include "gguf/gguf.h"
#include "quant/quant.h"
#include "testing/gguf_touch.h"

namespace {

constexpr uint64_t kMaxDecoded = 1 << 16;  // values of one tensor

void Decode(const ledge::GgufTensor& tensor, std::span<const std::byte> file) {
  if (!ledge::Info(tensor.type).can_decode || tensor.values() > kMaxDecoded) return;
  const auto bytes = file.subspan(tensor.offset, tensor.bytes);
  std::vector<float> values(tensor.values());
  ledge::DecodeRow(tensor.type, bytes.data(), values.size(), values.data());
  if (!ledge::CheckFinite(tensor.type, bytes, tensor.name).ok()) return;
  if (!ledge::CanEncode(tensor.type)) return;
  std::vector<std::byte> again(bytes.size());
  ledge::EncodeRow(tensor.type, values.data(), values.size(), again.data());
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const auto file = std::as_bytes(std::span(data, size));
  const auto header = ledge::GgufHeader::Parse(file, size, "fuzzed");
  if (!header.ok()) {
    const std::string& message = header.error().message;
    if (message != ledge::PrintableLine(message)) __builtin_trap();
    return 0;
  }
  volatile uint64_t sum = ledge::testing::TouchHeader(*header, file);
  (void)sum;
  for (const ledge::GgufTensor& tensor : header->tensors()) Decode(tensor, file);
  return 0;
}
