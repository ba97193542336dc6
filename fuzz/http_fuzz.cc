// A connection's bytes, in two pieces: a request or a refusal, whatever they are.
#include <cstdlib>
#include <string>

#include "server/http/parser.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const std::string all(reinterpret_cast<const char*>(data) + 1, size - 1);
  const size_t cut = data[0] * all.size() / 255;
  ledge::HttpLimits limits;
  limits.body_bytes = 4096;
  ledge::HttpParser parser(limits);
  std::string bytes = all.substr(0, cut);
  for (int piece = 0; piece < 2; ++piece) {
    size_t before = bytes.size() + 1;
    while (bytes.size() < before && parser.state() != ledge::HttpParser::State::kFailed &&
           parser.state() != ledge::HttpParser::State::kDone) {
      const auto state = parser.state();
      before = state == parser.Feed(bytes) ? bytes.size() : bytes.size() + 1;
      if (state == parser.state()) break;
    }
    if (piece == 0) bytes += all.substr(cut);
  }
  if (parser.state() == ledge::HttpParser::State::kFailed && parser.problem().status < 400)
    std::abort();
  if (parser.state() == ledge::HttpParser::State::kDone &&
      parser.request().body.size() > limits.body_bytes)
    std::abort();
  return 0;
}
