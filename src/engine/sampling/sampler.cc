#include "engine/sampling/sampler.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "engine/sampling/exact_math.h"

namespace ledge {
namespace {

// Bands of logits below the highest: the first is this wide, each as wide again as all before it,
// and the last has the rest.
constexpr float kFirstBand = 4;
constexpr int kBands = 8;
// A band's parts, so that few tokens are left to be sorted.
constexpr size_t kParts = 64;
// Weights whose sums are kept, so that a draw looks at one block's tokens alone.
constexpr size_t kBlock = 256;
// Of a bound in logits, which is then checked in probabilities.
constexpr double kSlack = 1e-3;

// Most words of a mask allow all their tokens or none.
void CopyAllowed(std::span<const float> logits, std::span<const uint64_t> allowed,
                 std::span<float> out) {
  constexpr size_t kBits = 64;
  for (size_t begin = 0; begin < logits.size() && begin / kBits < allowed.size(); begin += kBits) {
    const uint64_t word = allowed[begin / kBits];
    const size_t end = std::min(begin + kBits, logits.size());
    if (word == ~uint64_t{0}) {
      std::copy(logits.begin() + static_cast<std::ptrdiff_t>(begin),
                logits.begin() + static_cast<std::ptrdiff_t>(end),
                out.begin() + static_cast<std::ptrdiff_t>(begin));
    } else if (word != 0) {
      for (size_t i = begin; i < end; ++i) {
        if ((word >> (i - begin) & 1) != 0) out[i] = logits[i];
      }
    }
  }
}

}  // namespace

Result<Sampler> Sampler::Create(SamplingOptions options, size_t vocab_size) {
  if (vocab_size == 0)
    return MakeError(Code::kUsage, "a vocabulary of 0 tokens; it must have one at least");
  LEDGE_CHECK_OK(Validate(options, vocab_size));
  return Sampler(std::move(options), vocab_size);
}

Sampler::Sampler(SamplingOptions options, size_t vocab_size)
    : options_(std::move(options)), vocab_size_(vocab_size), random_(options_.seed) {}

bool Sampler::Penalises() const {
  return options_.repeat_last_n > 0 &&
         (options_.repeat_penalty != 1 || options_.presence_penalty != 0 ||
          options_.frequency_penalty != 0);
}

void Sampler::Accept(Token token) {
  if (!Penalises()) return;
  const auto size = static_cast<size_t>(options_.repeat_last_n);
  if (window_.size() < size) {
    window_.push_back(token);
  } else {
    Token& oldest = window_[window_next_];
    const auto count = counts_.find(oldest);
    if (--count->second == 0) counts_.erase(count);
    oldest = token;
    window_next_ = (window_next_ + 1) % size;
  }
  ++counts_[token];
}

Result<void> Sampler::Check(std::span<const float> logits) const {
  if (logits.size() != vocab_size_) {
    return MakeError(Code::kInternal, "{} logits for a vocabulary of {}", logits.size(),
                     vocab_size_);
  }
  const size_t bad = FirstBadLogit(logits);
  if (bad == logits.size()) return {};
  return MakeError(Code::kMalformed,
                   "the model gives {} as the logit of token {}; its weights are damaged",
                   logits[bad], bad);
}

std::span<const float> Sampler::Adjusted(std::span<const float> logits, const TokenSet* allowed) {
  if (allowed == nullptr && options_.logit_bias.empty() && counts_.empty()) return logits;
  if (allowed == nullptr) {
    adjusted_.assign(logits.begin(), logits.end());
  } else {
    adjusted_.assign(logits.size(), -INFINITY);
    CopyAllowed(logits, allowed->words(), adjusted_);
  }
  Penalise();
  return adjusted_;
}

void Sampler::Penalise() {
  for (const auto& [token, bias] : options_.logit_bias)
    adjusted_[static_cast<size_t>(token)] += bias;
  for (const auto& [token, count] : counts_) {
    if (token < 0 || static_cast<size_t>(token) >= vocab_size_) continue;
    float& logit = adjusted_[static_cast<size_t>(token)];
    if (logit == -INFINITY) continue;
    logit = logit > 0 ? logit / options_.repeat_penalty : logit * options_.repeat_penalty;
    logit -= static_cast<float>(count) * options_.frequency_penalty + options_.presence_penalty;
  }
}

void Sampler::FindTopK(std::span<const float> logits, size_t k) {
  LikeliestOf(logits, k, candidates_);
  // Forbidden tokens stand at the end.
  while (candidates_.size() > 1 && candidates_.back().logit == -INFINITY) candidates_.pop_back();
}

double Sampler::Probabilities(double scale) {
  const double highest = std::ranges::max(candidates_, {}, &Candidate::logit).logit;
  double sum = 0;
  for (Candidate& each : candidates_) {
    each.p = ExactExp((static_cast<double>(each.logit) - highest) * scale);
    sum += each.p;
  }
  return sum;
}

void Sampler::KeepTypical() {
  if (options_.typical_p >= 1) return;
  const double sum = Probabilities(1);
  const double highest = candidates_[0].logit;
  const double log_sum = ExactLog(sum);
  const auto surprise = [&](const Candidate& each) {
    return log_sum - (static_cast<double>(each.logit) - highest);
  };
  double entropy = 0;
  for (const Candidate& each : candidates_) entropy += each.p / sum * surprise(each);
  for (Candidate& each : candidates_) each.p = std::fabs(surprise(each) - entropy);
  std::stable_sort(candidates_.begin(), candidates_.end(),
                   [](const Candidate& a, const Candidate& b) { return a.p < b.p; });
  double mass = 0;
  size_t kept = 0;
  while (kept < candidates_.size()) {
    mass += ExactExp(-surprise(candidates_[kept++]));
    if (mass > options_.typical_p) break;
  }
  candidates_.resize(kept);
  std::sort(candidates_.begin(), candidates_.end(), kLikelierFirst);
}

double Sampler::FindBand(std::span<const float> logits, float highest, double wanted) {
  double mass = 0;
  float above = INFINITY;
  float width = kFirstBand;
  for (int band = 0; band < kBands; ++band, width *= 2) {
    const float least = band + 1 < kBands ? highest - width : -INFINITY;
    candidates_.clear();
    double inside = 0;
    for (size_t i = 0; i < vocab_size_; ++i) {
      if (!(logits[i] < above && logits[i] >= least) || logits[i] == -INFINITY) continue;
      candidates_.push_back({static_cast<Token>(i), logits[i], weights_[i]});
      inside += weights_[i];
    }
    if (mass + inside >= wanted) break;
    // What rounding leaves to be wanted behind the last band nobody has.
    if (band + 1 < kBands) mass += inside;
    above = least;
  }
  return mass;
}

Candidate Sampler::LeastOfBand(double mass, double wanted) {
  const auto [low, high] = std::ranges::minmax(candidates_, {}, &Candidate::logit);
  const double top = high.logit;
  const double range = top - low.logit;
  const auto part_of = [&](const Candidate& each) {
    const double part = range > 0 ? (top - each.logit) / range * kParts : 0;
    return std::min(static_cast<size_t>(part), kParts - 1);
  };
  std::array<double, kParts> masses{};
  for (const Candidate& each : candidates_) masses[part_of(each)] += each.p;
  size_t part = 0;
  const size_t last = range > 0 ? kParts - 1 : 0;
  while (part < last && mass + masses[part] < wanted) mass += masses[part++];
  std::erase_if(candidates_, [&](const Candidate& each) { return part_of(each) != part; });
  std::sort(candidates_.begin(), candidates_.end(), kLikelierFirst);
  for (const Candidate& each : candidates_) {
    mass += each.p;
    if (mass >= wanted) return each;
  }
  return candidates_.back();
}

void Sampler::FindTopP(std::span<const float> logits, float highest) {
  weights_.resize(vocab_size_);
  ExpsOf(logits, highest, 1, weights_);
  const double wanted = SumOf(weights_) * options_.top_p;
  const double above = FindBand(logits, highest, wanted);
  if (candidates_.empty()) {  // the last band has nothing: all are kept
    candidates_.push_back({static_cast<Token>(vocab_size_), -INFINITY, 0});
  }
  const Candidate least = LeastOfBand(above, wanted);
  candidates_.clear();
  for (size_t i = 0; i < vocab_size_; ++i) {
    const Candidate each{static_cast<Token>(i), logits[i], 0};
    if (each.logit > -INFINITY && !kLikelierFirst(least, each)) candidates_.push_back(each);
  }
}

void Sampler::FindMinP(std::span<const float> logits, float highest) {
  const double least = ExactLog(options_.min_p) - kSlack;
  candidates_.clear();
  for (size_t i = 0; i < vocab_size_; ++i) {
    if (logits[i] - highest > least) candidates_.push_back({static_cast<Token>(i), logits[i], 0});
  }
}

void Sampler::KeepTopP() {
  if (options_.top_p >= 1) return;
  const double wanted = Probabilities(1) * options_.top_p;
  double mass = 0;
  size_t kept = 0;
  while (kept < candidates_.size()) {
    mass += candidates_[kept++].p;
    if (mass >= wanted) break;
  }
  candidates_.resize(kept);
}

void Sampler::KeepMinP() {
  if (options_.min_p <= 0) return;
  Probabilities(1);
  std::erase_if(candidates_, [&](const Candidate& each) { return each.p < options_.min_p; });
}

Token Sampler::DrawCandidate() {
  const double sum = Probabilities(1 / static_cast<double>(options_.temperature));
  double rest = random_.NextUnit() * sum;
  for (const Candidate& each : candidates_) {
    rest -= each.p;
    if (rest < 0) return each.token;
  }
  // Rounding left a crumb: it belongs to the last token that has any probability.
  const auto last = std::find_if(candidates_.rbegin(), candidates_.rend(),
                                 [](const Candidate& c) { return c.p > 0; });
  return last->token;
}

Token Sampler::DrawOfAll(std::span<const float> logits, float highest) {
  weights_.resize(vocab_size_);
  ExpsOf(logits, highest, 1 / options_.temperature, weights_);
  const std::span<const float> weights = weights_;
  sums_.clear();
  double sum = 0;
  for (size_t begin = 0; begin < vocab_size_; begin += kBlock) {
    sums_.push_back(SumOf(weights.subspan(begin, std::min(kBlock, vocab_size_ - begin))));
    sum += sums_.back();
  }
  double rest = random_.NextUnit() * sum;
  // A crumb that rounding left behind the last block, or behind a block's last token, goes to the
  // last one before that has any weight.
  size_t block = 0;
  for (size_t i = 0; i < sums_.size() && rest >= 0; ++i) {
    if (sums_[i] <= 0) continue;
    block = i;
    if (rest < sums_[i]) break;
    rest -= sums_[i];
  }
  Token drawn = kNoToken;
  const size_t end = std::min((block + 1) * kBlock, vocab_size_);
  for (size_t i = block * kBlock; i < end && rest >= 0; ++i) {
    if (weights[i] > 0) drawn = static_cast<Token>(i);
    rest -= weights[i];
  }
  return drawn;
}

Token Sampler::Draw(std::span<const float> logits, float highest) {
  const auto k = static_cast<size_t>(options_.top_k);
  const bool some = k != 0 && k < vocab_size_;
  if (some || options_.typical_p < 1) {
    FindTopK(logits, some ? k : vocab_size_);
    KeepTypical();
    KeepTopP();
  } else if (options_.top_p < 1) {
    FindTopP(logits, highest);
  } else if (options_.min_p > 0) {
    FindMinP(logits, highest);
  } else {
    return DrawOfAll(logits, highest);
  }
  KeepMinP();
  return DrawCandidate();
}

void Sampler::AddLogprobs(std::span<const float> logits, Sampled& sampled) {
  const float highest = logits[static_cast<size_t>(Likeliest(logits))];
  if (highest == -INFINITY) return;
  weights_.resize(vocab_size_);
  ExpsOf(logits, highest, 1, weights_);
  const double log_sum = highest + ExactLog(SumOf(weights_));
  sampled.logprob = static_cast<float>(logits[static_cast<size_t>(sampled.token)] - log_sum);
  if (options_.top_logprobs == 0) return;
  FindTopK(logits, static_cast<size_t>(options_.top_logprobs));
  for (const Candidate& each : candidates_)
    sampled.top.push_back({each.token, static_cast<float>(each.logit - log_sum)});
}

Result<Sampled> Sampler::Sample(std::span<const float> logits, const TokenSet* allowed) {
  LEDGE_CHECK_OK(Check(logits));
  const std::span<const float> adjusted = Adjusted(logits, allowed);
  Sampled sampled;
  sampled.token = Likeliest(adjusted);
  const float highest = adjusted[static_cast<size_t>(sampled.token)];
  if (highest == -INFINITY) {
    return MakeError(Code::kMalformed, "no token is allowed; mask and logit_bias must leave one");
  }
  if (options_.temperature > 0) sampled.token = Draw(adjusted, highest);
  if (options_.top_logprobs >= 0) AddLogprobs(logits, sampled);
  return sampled;
}

}  // namespace ledge
