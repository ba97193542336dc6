// Which tokens end a generation. GGUF has keys for three of them (eos, eot, eom), but chat models
// often end a turn with another token that only its name gives away; the names are those that
// llama.cpp knows. Unlike there, ordinary text that has such a name ("</s>" in a vocabulary for
// code) stays ordinary.
#include <string>
#include <string_view>
#include <unordered_map>

#include "tokenizer/vocab.h"

namespace ledge {
namespace {

// Ends of a turn, in the order in which they are taken for eot where the metadata names none.
constexpr std::string_view kEndOfTurn[] = {
    "<|eot_id|>",
    "<|im_end|>",
    "<|end|>",
    "<end_of_turn>",
    "<|endoftext|>",
    "<|end_of_text|>",
    "<EOT>",
    "_<EOT>",
    "[EOT]",
    "<\uFF5Cend\u2581of\u2581sentence\uFF5C>",
    "<end_of_utterance>",
};
constexpr std::string_view kEndOfMessage = "<|eom_id|>";
constexpr std::string_view kOtherEnds[] = {
    "<|return|>", "<|call|>", "<|flush|>",        "<|calls|>", "[EOS]",
    "<eos>",      "<turn|>",  "<|tool_response>", "[e~[",
};
// An end only where the file says that it is a control token (or eos): elsewhere it closes HTML's
// strikethrough, and models write that.
constexpr std::string_view kSentenceEnd = "</s>";
constexpr std::string_view kFillPad[] = {"<|fim_pad|>", "<fim-pad>", "<fim_pad>", "<PAD>", "[PAD]"};
constexpr std::string_view kFillRepo[] = {"<|fim_repo|>", "<|repo_name|>", "<fim-repo>", "<REPO>",
                                          "<reponame>"};
constexpr std::string_view kFillFile[] = {"<|file_sep|>"};

constexpr size_t kLongestName = 40;  // and more

class Marker {
 public:
  explicit Marker(Vocab& vocab) : vocab_(vocab) {
    for (const std::string_view name : kEndOfTurn) ids_.emplace(name, kNoToken);
    for (const std::string_view name : kOtherEnds) ids_.emplace(name, kNoToken);
    for (const std::string_view name : kFillPad) ids_.emplace(name, kNoToken);
    for (const std::string_view name : kFillRepo) ids_.emplace(name, kNoToken);
    for (const std::string_view name : kFillFile) ids_.emplace(name, kNoToken);
    ids_.emplace(kEndOfMessage, kNoToken);
    ids_.emplace(kSentenceEnd, kNoToken);
    for (size_t i = 0; i < vocab.texts.size(); ++i) {
      const auto found = ids_.find(vocab.texts[i]);
      if (found != ids_.end()) found->second = static_cast<Token>(i);
    }
    ForgetOrdinaryText();
  }

  void Run() {
    vocab_.ends_generation.assign(vocab_.texts.size(), false);
    for (const std::string_view name : kEndOfTurn) TakeRole(SpecialToken::kEot, name);
    TakeRole(SpecialToken::kEom, kEndOfMessage);
    for (const std::string_view name : kFillPad) TakeRole(SpecialToken::kFimPad, name);
    for (const std::string_view name : kFillRepo) TakeRole(SpecialToken::kFimRepo, name);
    for (const std::string_view name : kFillFile) TakeRole(SpecialToken::kFimFile, name);
    for (const std::string_view name : kEndOfTurn) MarkName(name);
    for (const std::string_view name : kOtherEnds) MarkName(name);
    MarkName(kEndOfMessage);
    const Token sentence_end = Id(kSentenceEnd);
    if (sentence_end != kNoToken && Type(sentence_end) == TokenType::kControl) Mark(sentence_end);
    for (const SpecialToken role :
         {SpecialToken::kEos, SpecialToken::kEot, SpecialToken::kEom, SpecialToken::kFimPad,
          SpecialToken::kFimRepo, SpecialToken::kFimFile}) {
      Mark(vocab_.Special(role));
    }
    Exceptions();
  }

 private:
  Token Id(std::string_view name) const { return ids_.at(name); }
  TokenType& Type(Token id) const { return vocab_.types[static_cast<size_t>(id)]; }

  // A normal token that merges make is a piece of text that happens to look so.
  void ForgetOrdinaryText() {
    std::string joined;
    for (const std::string_view merge : vocab_.merges) {
      const size_t space = merge.find(' ', 1);
      if (space == std::string_view::npos || merge.size() > kLongestName + 1) continue;
      joined.assign(merge.substr(0, space)).append(merge.substr(space + 1));
      const auto found = ids_.find(joined);
      if (found == ids_.end() || found->second == kNoToken) continue;
      if (Type(found->second) == TokenType::kNormal) found->second = kNoToken;
    }
  }
  bool Ends(std::string_view name) const {
    const Token id = Id(name);
    return id != kNoToken && vocab_.ends_generation[static_cast<size_t>(id)];
  }
  void Mark(Token id) {
    if (id >= 0 && static_cast<size_t>(id) < vocab_.texts.size()) {
      vocab_.ends_generation[static_cast<size_t>(id)] = true;
    }
  }
  // A token of such a name is meant as control even where the file's converter missed that.
  void MarkName(std::string_view name) {
    const Token id = Id(name);
    if (id == kNoToken) return;
    Mark(id);
    Type(id) = TokenType::kControl;
  }
  void TakeRole(SpecialToken role, std::string_view name) {
    const Token id = Id(name);
    if (id == kNoToken || vocab_.Special(role) != kNoToken) return;
    vocab_.Special(role) = id;
    Type(id) = TokenType::kControl;
  }
  // Where a message has channels, <|end|> ends one of them and not the turn.
  void Exceptions() {
    const bool calls = Ends("<|call|>") || Ends("<|calls|>");
    if (!Ends("<|end|>") || !calls || !(Ends("<|return|>") || Ends("<|flush|>"))) return;
    const Token end = Id("<|end|>");
    vocab_.ends_generation[static_cast<size_t>(end)] = false;
    Type(end) = TokenType::kUserDefined;
  }

  Vocab& vocab_;
  std::unordered_map<std::string_view, Token> ids_;
};

}  // namespace

void MarkEndOfGeneration(Vocab& vocab) { Marker(vocab).Run(); }

}  // namespace ledge
