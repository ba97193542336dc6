#include "engine/grammar/matcher.h"

#include <algorithm>
#include <utility>

#include "engine/grammar/limits.h"

namespace ledge {

using grammar::ConfigId;
using grammar::Configs;
using grammar::kDead;
using grammar::Place;
using grammar::StateId;

namespace {

// A configuration of more states is looked at as a whole.
constexpr size_t kFewPlaces = 8;

Error TooAmbiguous() {
  return MakeError(Code::kUsage,
                   "the grammar can be read in too many ways at once; must say by fewer "
                   "alternatives what may come");
}

}  // namespace

Matching::Matching(grammar::Automaton automaton, std::shared_ptr<const grammar::TokenTrie> trie,
                   MemoryBudget* budget)
    : automaton_(std::move(automaton)),
      chains_(grammar::ChainsOf(automaton_)),
      trie_(std::move(trie)),
      configs_(std::make_shared<Configs>(automaton_)),
      budget_(budget) {
  if (budget_ != nullptr) revoke_ = budget_->OnRevoke([this](uint64_t) { return Forget(); });
}

size_t Matching::bytes() const {
  return mask_bytes_ + configs_->size() * grammar::kConfigBytes +
         configs_->stacks().size() * grammar::kStackBytes;
}

uint64_t Matching::Forget() {
  configs_ = std::make_shared<Configs>(automaton_);
  masks_of_ = configs_.get();
  masks_.clear();
  local_.clear();
  mask_bytes_ = 0;
  const uint64_t freed = held_.bytes();
  held_.Release();
  return freed;
}

// Whether there is room for what is remembered by now.
bool Matching::TakeFromBudget() {
  if (budget_ == nullptr) return true;
  const uint64_t now = bytes();
  if (now <= held_.bytes()) {
    held_.Shrink(held_.bytes() - now);
    return true;
  }
  const uint64_t more = now - held_.bytes();
  if (held_.bytes() > 0) return held_.Grow(more).ok();
  auto reserved = budget_->Reserve(MemoryKind::kScratch, more);
  if (!reserved.ok()) return false;
  held_ = *std::move(reserved);
  return true;
}

Result<void> Matching::CheckWork(uint64_t since) {
  if (configs_->TakeFailed() || configs_->steps() - since > grammar::kMaxMaskSteps)
    return TooAmbiguous();
  return {};
}

// All nodes below `node`, whose own byte has led to `config`.
void Matching::Walk(const grammar::TokenTree& tree, uint32_t node, ConfigId config, TokenSet& out,
                    LocalMask* local) {
  struct Open {
    const Configs::Row* row;
    uint32_t end;  // of what is below it
  };
  Configs& configs = *configs_;
  const auto nodes = tree.nodes();
  const uint32_t end = nodes[node].end;
  const uint64_t begin = configs.steps();
  const auto note = [&](ConfigId at_config, uint32_t at) {
    if (local == nullptr) return;
    local->depth = std::max(local->depth, configs.Reach(at_config));
    if (configs.Escapes(at_config)) local->escapes.push_back(at);
  };
  note(config, node);
  std::vector<Open> path = {{&configs.RowOf(config), end}};
  for (uint32_t at = node + 1; at < end;) {
    while (path.back().end <= at) path.pop_back();
    const ConfigId next = (*path.back().row)[nodes[at].byte];
    if (next == kDead) {
      at = nodes[at].end;
      continue;
    }
    for (const Token token : tree.TokensAt(at)) out.Add(token);
    note(next, at);
    if (nodes[at].end > at + 1) {
      path.push_back({&configs.RowOf(next), nodes[at].end});
      if (configs.steps() - begin > grammar::kMaxMaskSteps) return;
    }
    ++at;
  }
}

Result<const Matching::LocalMask*> Matching::LocalMaskOf(StateId state) {
  // Rows are numbered above all states.
  const grammar::Chain& chain = chains_[state];
  const uint64_t key = chain.left > grammar::TokenTrie::kShort ? chain.row : state;
  if (const auto found = local_.find(key); found != local_.end()) return &found->second;
  LocalMask mask{.allowed = TokenSet(trie_->vocabulary())};
  const uint64_t begin = configs_->steps();
  Walk(trie_->short_tokens(), 0, configs_->Make({{state, grammar::kUnknown}}), mask.allowed, &mask);
  LEDGE_CHECK_OK(CheckWork(begin));
  mask_bytes_ += mask.allowed.bytes() + mask.escapes.size() * sizeof(uint32_t);
  return &local_.emplace(key, std::move(mask)).first->second;
}

Result<bool> Matching::AddPlace(const Place& place, TokenSet& out) {
  LEDGE_TRY(const LocalMask* local, LocalMaskOf(place.state));
  if (configs_->stacks().Depth(place.stacks) + local->depth > grammar::kMaxStackDepth) return false;
  out.Add(local->allowed);
  if (local->escapes.empty()) return true;
  std::vector<Place> behind;
  for (const auto& entry : configs_->stacks().Entries(place.stacks))
    behind.push_back({entry.top, entry.below});
  const ConfigId rest = configs_->Make(std::move(behind));
  if (rest == kDead) return true;
  for (const uint32_t node : local->escapes) Walk(trie_->short_tokens(), node, rest, out, nullptr);
  return true;
}

Result<bool> Matching::AddPlaces(ConfigId id, TokenSet& out) {
  const auto span = configs_->Places(id);
  if (span.size() > kFewPlaces) return false;
  // A copy: what is computed meanwhile may move them.
  const std::vector<Place> places(span.begin(), span.end());
  for (const Place& place : places) {
    LEDGE_TRY(const bool added, AddPlace(place, out));
    if (!added) return false;
  }
  return true;
}

// Before anything is looked up: what is found stays valid until the next call.
void Matching::ForgetIfLarge() {
  if (configs_->size() > grammar::kMaxConfigs ||
      configs_->stacks().size() > 16 * grammar::kMaxConfigs) {
    configs_ = std::make_shared<Configs>(automaton_);
  }
  if (mask_bytes_ > grammar::kMaxMaskBytes) {
    masks_.clear();
    local_.clear();
    mask_bytes_ = 0;
  }
  if (masks_of_ != configs_.get()) {
    for (const auto& [id, mask] : masks_) mask_bytes_ -= mask.bytes();
    masks_.clear();
    masks_of_ = configs_.get();
  }
  if (!TakeFromBudget()) Forget();
}

Result<const TokenSet*> Matching::MaskOf(ConfigId id) {
  if (const auto found = masks_.find(id); found != masks_.end()) return &found->second;
  TokenSet mask(trie_->vocabulary());
  const uint64_t begin = configs_->steps();
  LEDGE_TRY(const bool added, AddPlaces(id, mask));
  if (!added) {
    mask = TokenSet(trie_->vocabulary());
    Walk(trie_->short_tokens(), 0, id, mask, nullptr);
  }
  Walk(trie_->long_tokens(), 0, id, mask, nullptr);
  LEDGE_CHECK_OK(CheckWork(begin));
  if (configs_->CanEnd(id)) {
    for (const Token token : trie_->ends()) mask.Add(token);
  }
  mask_bytes_ += mask.bytes();
  return &masks_.emplace(id, std::move(mask)).first->second;
}

Matcher::Matcher(std::shared_ptr<Matching> matching)
    : matching_(std::move(matching)), configs_(matching_->configs_) {
  config_ = configs_->Make({{matching_->automaton_.start(), grammar::kBottom}});
}

// Onto the present configurations, where the old ones had become too many.
void Matcher::Renew() {
  matching_->ForgetIfLarge();
  if (configs_ == matching_->configs_) return;
  config_ = configs_->CopyTo(*matching_->configs_, config_);
  configs_ = matching_->configs_;
}

Result<const TokenSet*> Matcher::Allowed() {
  Renew();
  return matching_->MaskOf(config_);
}

ConfigId Matcher::After(std::string_view bytes) const {
  ConfigId config = config_;
  for (const char c : bytes) config = configs_->Next(config, static_cast<uint8_t>(c));
  return config;
}

Result<bool> Matcher::Allows(std::string_view bytes) {
  Renew();
  const bool allowed = !bytes.empty() && After(bytes) != kDead;
  if (configs_->TakeFailed()) return TooAmbiguous();
  return allowed;
}

Result<void> Matcher::Accept(std::string_view bytes) {
  Renew();
  config_ = After(bytes);
  if (configs_->TakeFailed()) return TooAmbiguous();
  if (config_ == kDead)
    return MakeError(Code::kInternal, "a token was accepted that the grammar doesn't allow");
  return {};
}

std::string Matcher::Forced(size_t most) const {
  std::string bytes;
  ConfigId config = config_;
  while (bytes.size() < most) {
    const auto byte = configs_->Forced(config);
    if (!byte) break;
    bytes += static_cast<char>(*byte);
    config = configs_->Next(config, *byte);
  }
  configs_->TakeFailed();  // then less is known, no more
  return bytes;
}

}  // namespace ledge
