#include "tokenizer/tokenizer.h"

#include <algorithm>

#include "tokenizer/encoders.h"
#include "tokenizer/special_matcher.h"
#include "tokenizer/spm_text.h"

namespace ledge {
namespace {

// Calls on_text(fragment) and on_token(token) for the parts of a text, in order.
template <typename OnText, typename OnToken>
void ForEachPart(const TableView& tables, std::string_view text, const EncodeOptions& options,
                 OnText on_text, OnToken on_token) {
  size_t at = 0;
  for (const SpecialMatch& match :
       FindSpecials(tables, text, options.parse_special, options.plain)) {
    if (match.begin > at) on_text(text.substr(at, match.begin - at));
    on_token(match.token);
    at = std::min(text.size(), match.begin + tables.Text(match.token).size());
  }
  if (at < text.size()) on_text(text.substr(at));
}

void EncodeBpe(const TableView& tables, std::string_view text, const EncodeOptions& options,
               std::vector<Token>& out) {
  BpeEncoder encoder(tables, text, out);
  ForEachPart(
      tables, text, options, [&](std::string_view part) { encoder.Encode(part); },
      [&](Token token) { out.push_back(token); });
}

void EncodeRawBpe(const TableView& tables, std::string_view text, const EncodeOptions& options,
                  std::vector<Token>& out) {
  RawBpeEncoder encoder(tables, out);
  ForEachPart(
      tables, text, options, [&](std::string_view part) { encoder.Encode(part); },
      [&](Token token) { out.push_back(token); });
}

// The space goes in front of the text and behind each special token.
void EncodeSpm(const TableView& tables, std::string_view text, const EncodeOptions& options,
               std::vector<Token>& out) {
  SpmEncoder encoder(tables, text, out);
  const bool prefix = tables.Has(kFlagAddSpacePrefix);
  ForEachPart(
      tables, text, options, [&](std::string_view part) { encoder.Encode(part, prefix); },
      [&](Token token) { out.push_back(token); });
}

void EncodeWordPiece(const TableView& tables, std::string_view text, const EncodeOptions& options,
                     std::vector<Token>& out) {
  WordPieceEncoder encoder(tables, out);
  ForEachPart(
      tables, text, options, [&](std::string_view part) { encoder.Encode(part); },
      [&](Token token) { out.push_back(token); });
}

void EncodeUnigram(const TableView& tables, std::string_view text, const EncodeOptions& options,
                   std::vector<Token>& out) {
  UnigramEncoder encoder(tables, out);
  ForEachPart(
      tables, text, options, [&](std::string_view part) { encoder.Encode(part); },
      [&](Token token) { out.push_back(token); });
}

}  // namespace

Result<Tokenizer> Tokenizer::Open(std::span<const std::byte> tables,
                                  std::span<const std::byte> texts) {
  LEDGE_TRY(const TableView view, TableView::Open(tables, texts));
  return Tokenizer(view);
}

std::string_view Tokenizer::pre() const {
  if (kind() != TokenizerKind::kBpe) return {};
  const std::string_view name(tables_.header().pre, sizeof(tables_.header().pre));
  return name.substr(0, name.find('\0'));
}

Result<std::vector<Token>> Tokenizer::Encode(std::string_view text, EncodeOptions options) const {
  if (text.size() > kMaxTextBytes) {
    return MakeError(Code::kUsage, "the text to tokenize has {} bytes; at most {} are accepted",
                     text.size(), kMaxTextBytes);
  }
  std::vector<Token> out;
  if (options.add_special && adds_bos()) out.push_back(bos());
  if (kind() == TokenizerKind::kSpm) {
    EncodeSpm(tables_, text, options, out);
  } else if (kind() == TokenizerKind::kWordPiece) {
    EncodeWordPiece(tables_, text, options, out);
  } else if (kind() == TokenizerKind::kUnigram) {
    EncodeUnigram(tables_, text, options, out);
  } else if (tables_.spelling() != Spelling::kByteAlphabet) {
    EncodeRawBpe(tables_, text, options, out);
  } else {
    EncodeBpe(tables_, text, options, out);
  }
  if (options.add_special && adds_eos()) out.push_back(eos());
  return out;
}

void Tokenizer::AppendPiece(Token token, bool show_special, std::string& out) const {
  if (show_special || !IsHidden(token)) tables_.AppendPiece(token, out);
}

// A user-defined token with U+2581 in its text comes from spaces, by merging.
bool Tokenizer::IsCutOut(Token token) const {
  if (Type(token) == TokenType::kUserDefined) {
    return tables_.spelling() != Spelling::kMarkedSpaces || kind() == TokenizerKind::kWordPiece ||
           tables_.Text(token).find(kSpmSpaceText) == std::string_view::npos;
  }
  return IsSpecial(Type(token));
}

Result<std::string> Tokenizer::Decode(std::span<const Token> tokens, DecodeOptions options) const {
  if (options.remove_added) {
    if (adds_bos() && !tokens.empty() && tokens.front() == bos()) tokens = tokens.subspan(1);
    if (adds_eos() && !tokens.empty() && tokens.back() == eos())
      tokens = tokens.first(tokens.size() - 1);
  }
  std::string text;
  bool at_prefix = options.strip_space_prefix && adds_space_prefix();
  for (const Token token : tokens) {
    if (!IsToken(token)) {
      return MakeError(Code::kUsage, "token id {} is not in the vocabulary; ids are 0 to {}", token,
                       vocab_size() - 1);
    }
    const bool special = IsCutOut(token);
    const size_t before = text.size();
    AppendPiece(token, options.show_special, text);
    if (at_prefix && !special && text.size() > before && text[before] == ' ') text.erase(before, 1);
    at_prefix = special && options.strip_space_prefix && adds_space_prefix();
  }
  return text;
}

}  // namespace ledge
