// Bodies of every API that a model answers: the first byte chooses the endpoint. What is no honest
// request is refused with a 4xx; what is one gives asks, and its answers can be written.
#include <cstdlib>

#include "api/exchange.h"

namespace {

void Answer(ledge::Exchange& exchange) {
  std::string out;
  const size_t choices = exchange.asks.size();
  for (size_t i = 0; i < choices; ++i) exchange.OnStarted(i, {.prompt_tokens = 3}, out);
  for (size_t i = 0; i < choices; ++i)
    exchange.OnPiece(i, {.text = "<think>a</think>b", .ids = {}, .logprobs = {}, .top = {}}, out);
  for (size_t i = 0; i < choices; ++i) {
    ledge::AskEnd end;
    end.embedding = {0.6f, 0.8f};
    exchange.OnEnd(i, end, out);
  }
  exchange.OnAllEnded(out);
  if (out.empty()) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size == 0) return 0;
  const auto exchanges = ledge::AllExchanges();
  const ledge::ExchangeEntry& entry = *exchanges[data[0] % exchanges.size()];
  const ledge::ApiContext context{.body = {reinterpret_cast<const char*>(data) + 1, size - 1},
                                  .id = "1",
                                  .unix_seconds = 1,
                                  .now_text = "now"};
  auto exchange = entry.parse(context);
  if (!exchange.ok()) {
    if (exchange.error().status < 400 || exchange.error().status > 499) std::abort();
    if (exchange.error().message.empty()) std::abort();
    return 0;
  }
  if ((*exchange)->model.empty()) std::abort();
  Answer(**exchange);
  return 0;
}
