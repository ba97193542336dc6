#include "api/vectors_exchange.h"

#include <cmath>

namespace ledge {

void VectorsExchange::AskFor(const std::vector<TextInput>& inputs) {
  for (const TextInput& input : inputs) {
    Ask ask{.kind = AskKind::kEmbed};
    ask.text = input.text;
    ask.tokens = input.tokens;
    asks.push_back(std::move(ask));
  }
  vectors_.resize(asks.size());
}

void VectorsExchange::OnStarted(size_t, const AskStarted& started, std::string&) {
  tokens_ += started.prompt_tokens;
}

void VectorsExchange::OnEnd(size_t choice, const AskEnd& end, std::string&) {
  vectors_[choice] = end.embedding;
}

std::vector<float> VectorsExchange::Shortened(std::vector<float> vector, size_t count) {
  if (count == 0 || count >= vector.size()) return vector;
  vector.resize(count);
  double square = 0;
  for (const float value : vector)
    square += static_cast<double>(value) * static_cast<double>(value);
  const double scale = square > 0 ? 1.0 / std::sqrt(square) : 0.0;
  for (float& value : vector) value = static_cast<float>(static_cast<double>(value) * scale);
  return vector;
}

}  // namespace ledge
