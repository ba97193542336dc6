// Messages between the front and a worker, in either direction: any bytes are refused, or come back
// the same when they are written and read again.
#include <cstdlib>

#include "worker/frame.h"
#include "worker/message.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  if (const auto messages = ledge::DecodeFront(bytes); messages.ok()) {
    const std::string written = ledge::Encode(*messages);
    const auto again = ledge::DecodeFront(written);
    if (!again.ok() || ledge::Encode(*again) != written) std::abort();
  }
  if (const auto messages = ledge::DecodeWorker(bytes); messages.ok()) {
    const std::string written = ledge::Encode(*messages);
    const auto again = ledge::DecodeWorker(written);
    if (!again.ok() || ledge::Encode(*again) != written) std::abort();
  }
  ledge::FrameReader reader;
  reader.Feed(bytes);
  for (auto payload = reader.Next(); payload.ok() && *payload; payload = reader.Next()) {
    if ((*payload)->size() > size) std::abort();
  }
  return 0;
}
