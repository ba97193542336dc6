#include "engine/grammar/grammar.h"

#include <algorithm>

#include "engine/grammar/gbnf.h"
#include "engine/grammar/limits.h"
#include "engine/grammar/schema.h"
#include "engine/grammar/thinking.h"

namespace ledge {
namespace {

Result<grammar::Syntax> SyntaxOf(const GrammarSpec& spec) {
  switch (spec.kind) {
    case GrammarKind::kJsonObject:
      return grammar::AnyJsonObject();
    case GrammarKind::kSchema:
      return grammar::ParseSchema(spec.text);
    case GrammarKind::kGbnf:
      return grammar::ParseGbnf(spec.text);
    case GrammarKind::kNone:
      break;
  }
  return MakeError(Code::kInternal, "no grammar to compile");
}

}  // namespace

Result<grammar::Automaton> CompileGrammar(const GrammarSpec& spec) {
  LEDGE_TRY(grammar::Syntax syntax, SyntaxOf(spec));
  grammar::AddThinking(spec.thinking, syntax);
  return grammar::Compile(syntax);
}

std::shared_ptr<Matching> GrammarCache::Find(const GrammarSpec& spec) {
  const auto found = std::ranges::find(entries_, spec, &Entry::spec);
  if (found == entries_.end()) return nullptr;
  entries_.splice(entries_.begin(), entries_, found);
  return found->matching;
}

Result<std::shared_ptr<Matching>> GrammarCache::Get(const GrammarSpec& spec) {
  if (spec.kind == GrammarKind::kNone) return std::shared_ptr<Matching>();
  {
    const std::lock_guard lock(mutex_);
    if (auto known = Find(spec)) return known;
  }
  LEDGE_TRY(grammar::Automaton automaton, CompileGrammar(spec));
  const std::lock_guard lock(mutex_);
  if (auto known = Find(spec)) return known;  // another thread was faster
  if (trie_ == nullptr) trie_ = std::make_shared<const grammar::TokenTrie>(tokenizer_);
  entries_.push_front({spec, std::make_shared<Matching>(std::move(automaton), trie_, budget_)});
  if (entries_.size() > grammar::kMaxKeptGrammars) entries_.pop_back();
  return entries_.front().matching;
}

}  // namespace ledge
