#include "tokenizer/tokenizer.h"

#include <algorithm>

#include "tokenizer/encoders.h"
#include "tokenizer/fragments.h"
#include "tokenizer/spm_text.h"

namespace ledge {
namespace {

// Calls encode(text, first) for the parts of a text that are no special tokens; the others go to
// `out` as they are. first: whether the text begins with it.
template <typename OnText>
void ForEachPart(const Fragments& fragments, std::vector<Token>& out, OnText encode) {
  for (const Fragments::Fragment& fragment : fragments.list()) {
    if (fragment.token != kNoToken) {
      out.push_back(fragment.token);
    } else {
      encode(fragments.Text(fragment), fragment.first);
    }
  }
}

// Whether a part is read as if a space stood in front of it.
bool HasPrefix(const TableView& tables, std::string_view part, bool first) {
  if (!tables.Has(kFlagAddSpacePrefix)) return false;
  if (tables.Has(kFlagPrefixOnlyFirst) && !first) return false;
  const bool space = part.starts_with(' ') || part.starts_with(kSpmSpaceText);
  return !tables.Has(kFlagPrefixUnlessSpace) || !space;
}

void EncodeBpe(const TableView& tables, const Fragments& fragments, std::vector<Token>& out) {
  BpeEncoder encoder(tables, fragments.text(), out);
  ForEachPart(fragments, out, [&](std::string_view part, bool) { encoder.Encode(part); });
}

void EncodeRawBpe(const TableView& tables, const Fragments& fragments, std::vector<Token>& out) {
  RawBpeEncoder encoder(tables, out);
  ForEachPart(fragments, out, [&](std::string_view part, bool) { encoder.Encode(part); });
}

void EncodeSpm(const TableView& tables, const Fragments& fragments, std::vector<Token>& out) {
  SpmEncoder encoder(tables, fragments.text(), out);
  ForEachPart(fragments, out, [&](std::string_view part, bool first) {
    encoder.Encode(part, HasPrefix(tables, part, first));
  });
}

void EncodeWordPiece(const TableView& tables, const Fragments& fragments, std::vector<Token>& out) {
  WordPieceEncoder encoder(tables, out);
  ForEachPart(fragments, out, [&](std::string_view part, bool) { encoder.Encode(part); });
}

void EncodeUnigram(const TableView& tables, const Fragments& fragments, std::vector<Token>& out) {
  UnigramEncoder encoder(tables, out);
  ForEachPart(fragments, out, [&](std::string_view part, bool first) {
    encoder.Encode(part,
                   tables.Has(kFlagAddSpacePrefix) && (first || !tables.Has(kFlagPrefixOnlyFirst)));
  });
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
  LEDGE_TRY(const Fragments fragments, Fragments::Cut(tables_, text, options));
  std::vector<Token> out;
  if (options.add_special && adds_bos()) out.push_back(bos());
  if (kind() == TokenizerKind::kSpm) {
    EncodeSpm(tables_, fragments, out);
  } else if (kind() == TokenizerKind::kWordPiece) {
    EncodeWordPiece(tables_, fragments, out);
  } else if (kind() == TokenizerKind::kUnigram) {
    EncodeUnigram(tables_, fragments, out);
  } else if (tables_.spelling() != Spelling::kByteAlphabet) {
    EncodeRawBpe(tables_, fragments, out);
  } else {
    EncodeBpe(tables_, fragments, out);
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
    at_prefix = special && options.strip_space_prefix && adds_space_prefix() &&
                !tables_.Has(kFlagPrefixOnlyFirst);
  }
  return text;
}

}  // namespace ledge
