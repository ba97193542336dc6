// What the embedding endpoints of all APIs share: one vector an input, in their order.
#pragma once

#include "api/exchange.h"
#include "api/json_reader.h"
#include "api/text_inputs.h"

namespace ledge {

inline constexpr size_t kMaxEmbeddingInputs = 256;

class VectorsExchange : public Exchange {
 public:
  void OnStarted(size_t choice, const AskStarted& started, std::string& out) final;
  void OnPiece(size_t, const AskPiece&, std::string&) final {}
  void OnEnd(size_t choice, const AskEnd& end, std::string& out) final;
  void OnAllEnded(std::string& out) final { out += Dump(Body()); }
  std::string ErrorAnswer(const ApiError& error) const override {
    return ErrorBody(style(), error);
  }
  std::string ErrorPiece(const ApiError& error) const override { return ErrorAnswer(error); }

 protected:
  virtual ApiStyle style() const { return ApiStyle::kOpenAi; }
  virtual Json Body() = 0;
  void AskFor(const std::vector<TextInput>& inputs);
  // The first `count` values, at length 1 again.
  static std::vector<float> Shortened(std::vector<float> vector, size_t count);

  std::vector<std::vector<float>> vectors_;
  uint64_t tokens_ = 0;
};

}  // namespace ledge
