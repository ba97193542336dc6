// Logits -> the next token.
//
// The chain is llama.cpp's: bias and penalties, top_k, typical_p, top_p, min_p, temperature, draw.
// Each filter keeps at least one token. The same options, seed, accepted tokens and logits give the
// same tokens on every machine and with any number of threads: nothing here depends on the C
// library's mathematics or on an unstable order (equal logits: the lower id first). A vocabulary
// has a hundred thousand tokens, so they are never all sorted: a draw from all of them goes by
// their ids, and top_p looks for its least likely token by bands of logits. Sources: Holtzman et
// al. 2020 (top_p); Meister et al. 2023 (typical_p); Nguyen et al. 2024 (min_p); Keskar et al. 2019
// (repeat_penalty); OpenAI's API reference (presence_penalty, frequency_penalty).
#pragma once

#include <span>
#include <unordered_map>
#include <vector>

#include "engine/grammar/token_set.h"
#include "engine/sampling/likeliest.h"
#include "engine/sampling/options.h"
#include "engine/sampling/random.h"

namespace ledge {

struct TokenLogprob {
  Token token = 0;
  float logprob = 0;  // nats
};

struct Sampled {
  Token token = 0;
  // As the model gave them, before bias, penalties, filters and temperature, as OpenAI's API means
  // them; 0 and empty with top_logprobs = -1. `top` is sorted, likeliest first.
  float logprob = 0;
  std::vector<TokenLogprob> top;
};

// One a sequence; not thread-safe. Keeps buffers in proportion to the vocabulary, allocated once.
class Sampler {
 public:
  static Result<Sampler> Create(SamplingOptions options, size_t vocab_size);

  // `logits` has vocab_size entries; minus infinity forbids a token. kMalformed when one is NaN or
  // plus infinity, or when no token is allowed. Time: O(V), and what sorting the tokens that were
  // looked at takes (all of them with typical_p). Tokens outside `allowed`, where it is given, are
  // forbidden too.
  Result<Sampled> Sample(std::span<const float> logits, const TokenSet* allowed = nullptr);
  // Remembers a token for the penalties: those of the prompt first, then every one that was chosen.
  void Accept(Token token);

  const SamplingOptions& options() const { return options_; }

 private:
  Sampler(SamplingOptions options, size_t vocab_size);

  bool Penalises() const;
  Result<void> Check(std::span<const float> logits) const;
  // `logits` themselves, or a copy with what is forbidden, biased or penalised.
  std::span<const float> Adjusted(std::span<const float> logits, const TokenSet* allowed);
  void Penalise();
  // All three: of logits whose highest is `highest`, which is finite.
  Token Draw(std::span<const float> logits, float highest);
  Token DrawOfAll(std::span<const float> logits, float highest);
  // What is to be drawn from, into candidates_: the k likeliest (one at least), likeliest first;
  // those of top_p or min_p, by their ids.
  void FindTopK(std::span<const float> logits, size_t k);
  void FindTopP(std::span<const float> logits, float highest);
  void FindMinP(std::span<const float> logits, float highest);
  // The band of logits in which weights_ of likelier tokens first reach `wanted`, into candidates_
  // by their ids; returns the weight above it. Then the token that reaches it.
  double FindBand(std::span<const float> logits, float highest, double wanted);
  Candidate LeastOfBand(double mass, double wanted);
  // Filters among candidates_, the first two of those that stand likeliest first.
  void KeepTypical();
  void KeepTopP();
  void KeepMinP();
  Token DrawCandidate();
  // exp(logit - highest) of each candidate into p; their sum.
  double Probabilities(double scale);
  void AddLogprobs(std::span<const float> logits, Sampled& sampled);

  SamplingOptions options_;
  size_t vocab_size_;
  Random random_;
  std::vector<float> adjusted_;
  std::vector<float> weights_;         // exp((logit - highest) * scale) of each
  std::vector<double> sums_;           // of their blocks
  std::vector<Candidate> candidates_;  // `p`: of Probabilities(), or of typical_p's distance
  std::vector<Token> window_;          // a ring of the last accepted tokens
  size_t window_next_ = 0;
  std::unordered_map<Token, int32_t> counts_;  // in the window
};

}  // namespace ledge
