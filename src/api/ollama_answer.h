// What the answers of Ollama's chat and generate have in common: a JSON line a piece, or one
// document; each begins with the model and the time, and the last one ends with numbers. Source:
// Ollama's docs/api.md.
#pragma once

#include <string>

#include "api/collecting_exchange.h"

namespace ledge {

class OllamaAnswer : public CollectingExchange {
 public:
  std::string_view ContentType() const final {
    return stream ? "application/x-ndjson" : "application/json";
  }
  std::string ErrorPiece(const ApiError& error) const final { return ErrorAnswer(error) + "\n"; }

 protected:
  ApiStyle style() const final { return ApiStyle::kOllama; }
  // The status goes out once it is known to be 200; Ollama's first line has text already.
  void StreamBegin(size_t, std::string&) final {}
  void StreamAllEnded(std::string& out) final {
    if (choices_.empty()) AppendLine(Body(), out);
  }

  Json Head() const { return {{"model", model}, {"created_at", now_}}; }
  // What stands at the end of the last line.
  static void AddEnd(const Choice& choice, Json& body);
  // The same where nothing was asked but that the model be in memory or, with a keep_alive of 0,
  // leave it.
  void AddLoaded(Json& body) const;

  std::string now_;
};

}  // namespace ledge
