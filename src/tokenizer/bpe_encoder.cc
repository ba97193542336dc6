#include <algorithm>

#include "base/utf8.h"
#include "tokenizer/byte_alphabet.h"
#include "tokenizer/encoders.h"
#include "tokenizer/vocab.h"

namespace ledge {
namespace {
constexpr std::string_view kReplacementBytes = "\uFFFD";
}  // namespace

BpeEncoder::BpeEncoder(const TableView& tables, std::string_view text, std::vector<Token>& out)
    : tables_(tables), out_(out), cache_(text, out), merger_(tables) {
  const auto& bytes = tables.header().byte_token;
  has_all_bytes_ = std::find(std::begin(bytes), std::end(bytes), kNoToken) == std::end(bytes);
}

void BpeEncoder::Encode(std::string_view fragment) {
  ForEachWord(tables_.pre()->steps, fragment, *this);
}

void BpeEncoder::operator()(std::string_view word) {
  if (cache_.Append(word)) return;
  const size_t first = out_.size();
  if (!AppendWholeWord(word)) {
    AppendSymbols(word);
    merger_.Merge(symbols_);
    for (const uint32_t symbol : symbols_) {
      if (symbol != kMissingSymbol) out_.push_back(static_cast<Token>(symbol));
    }
  }
  cache_.Put(word, first);
}

bool BpeEncoder::AppendWholeWord(std::string_view word) {
  if (!tables_.pre()->whole_words || word.size() > kMaxTokenBytes) return false;
  spelled_.clear();
  AppendByteText(spelled_, word);
  const Token token = tables_.FindMergeable(spelled_);
  if (token == kNoToken) return false;
  out_.push_back(token);
  return true;
}

void BpeEncoder::AppendSymbols(std::string_view word) {
  symbols_.clear();
  const auto& tokens = tables_.header().byte_token;
  const auto add = [&](char byte) {
    const Token token = tokens[static_cast<uint8_t>(byte)];
    symbols_.push_back(token == kNoToken ? kMissingSymbol : static_cast<uint32_t>(token));
  };
  if (has_all_bytes_) {
    for (const char byte : word) add(byte);
    return;
  }
  while (!word.empty()) {
    const size_t length = std::max<size_t>(1, Utf8SequenceLength(word));
    const bool valid = Utf8SequenceLength(word) > 0;
    const bool known = tokens[static_cast<uint8_t>(word[0])] != kNoToken;
    for (const char byte : valid || known ? word.substr(0, length) : kReplacementBytes) add(byte);
    word.remove_prefix(length);
  }
}

}  // namespace ledge
