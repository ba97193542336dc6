#include "os/sha256.h"

#include <openssl/evp.h>

#include <cstdlib>
#include <vector>

namespace ledge {

// SHA-256 cannot fail in OpenSSL but for want of a few hundred bytes of memory or a build without
// it; as with operator new, there is nothing sensible to do then.
struct Sha256::State {
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  State() {
    if (context == nullptr) std::abort();
    Begin();
  }
  ~State() { EVP_MD_CTX_free(context); }
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  void Begin() const {
    if (EVP_DigestInit_ex(context, EVP_sha256(), nullptr) != 1) std::abort();
  }
};

Sha256::Sha256() : state_(std::make_unique<State>()) {}
Sha256::~Sha256() = default;
Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;

void Sha256::Update(std::span<const std::byte> data) {
  if (EVP_DigestUpdate(state_->context, data.data(), data.size()) != 1) std::abort();
}

Digest Sha256::Finish() {
  Digest digest;
  if (EVP_DigestFinal_ex(state_->context, reinterpret_cast<unsigned char*>(digest.bytes.data()),
                         nullptr) != 1) {
    std::abort();
  }
  state_->Begin();
  return digest;
}

std::string Digest::ToHex() const {
  constexpr std::string_view kHex = "0123456789abcdef";
  std::string text;
  text.reserve(64);
  for (const std::byte byte : bytes) {
    const auto value = std::to_integer<unsigned>(byte);
    text += kHex[value >> 4];
    text += kHex[value & 15];
  }
  return text;
}

Result<Digest> Digest::FromHex(std::string_view text) {
  const auto nibble = [](char c) -> int {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
  };
  Digest digest;
  bool fits = text.size() == 64;
  for (size_t i = 0; fits && i < 32; ++i) {
    const int high = nibble(text[2 * i]);
    const int low = nibble(text[2 * i + 1]);
    fits = high >= 0 && low >= 0;
    digest.bytes[i] = static_cast<std::byte>((high * 16 + low) & 0xFF);
  }
  if (fits) return digest;
  return MakeError(Code::kMalformed, "'{}' is not a SHA-256 digest; it has 64 hexadecimal digits",
                   PrintableLine(text, 80));
}

Digest Sha256Of(std::span<const std::byte> data) {
  Sha256 hash;
  hash.Update(data);
  return hash.Finish();
}

Digest Sha256Of(std::string_view text) { return Sha256Of(std::as_bytes(std::span(text))); }

Result<Digest> Sha256OfFile(File& file) {
  constexpr size_t kChunk = 1 << 20;
  std::vector<std::byte> buffer(kChunk);
  Sha256 hash;
  for (;;) {
    LEDGE_TRY(const size_t count, file.Read(buffer));
    if (count == 0) return hash.Finish();
    hash.Update(std::span(buffer).first(count));
  }
}

}  // namespace ledge
