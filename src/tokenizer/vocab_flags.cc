#include "tokenizer/vocab_flags.h"

#include "tokenizer/charsmap.h"
#include "tokenizer/pre/pre_tokenizer.h"

namespace ledge {
namespace {

constexpr std::string_view kAddBosKey = "tokenizer.ggml.add_bos_token";
constexpr std::string_view kAddEosKey = "tokenizer.ggml.add_eos_token";
constexpr std::string_view kLowercaseKey = "tokenizer.ggml.normalizer.lowercase";
constexpr std::string_view kStripAccentsKey = "tokenizer.ggml.normalizer.strip_accents";
constexpr std::string_view kAddSepKey = "tokenizer.ggml.add_sep_token";
constexpr std::string_view kAddSpaceKey = "tokenizer.ggml.add_space_prefix";
constexpr std::string_view kMergeSpacesKey = "tokenizer.ggml.remove_extra_whitespaces";
constexpr std::string_view kSuffixKey = "tokenizer.ggml.treat_whitespace_as_suffix";
constexpr std::string_view kCharsmapKey = "tokenizer.ggml.precompiled_charsmap";

Result<void> ReadWordPieceFlags(const GgufHeader& header, Vocab& vocab) {
  LEDGE_TRY(vocab.add_bos, header.Bool(kAddBosKey, true));
  LEDGE_TRY(const bool separator, header.Bool(kAddSepKey, header.Find(kAddEosKey) == nullptr));
  LEDGE_TRY(const bool eos, header.Bool(kAddEosKey, false));
  vocab.add_eos = separator || eos;
  vocab.add_space_prefix = true;
  LEDGE_TRY(vocab.lowercase, header.Bool(kLowercaseKey, true));
  LEDGE_TRY(vocab.strip_accents, header.Bool(kStripAccentsKey, vocab.lowercase));
  return {};
}

Result<void> ReadUnigramFlags(const GgufHeader& header, Vocab& vocab) {
  LEDGE_TRY(vocab.add_bos, header.Bool(kAddBosKey, false));
  LEDGE_TRY(vocab.add_eos, header.Bool(kAddEosKey, true));
  LEDGE_TRY(vocab.add_space_prefix, header.Bool(kAddSpaceKey, true));
  LEDGE_TRY(vocab.merge_spaces, header.Bool(kMergeSpacesKey, false));
  LEDGE_TRY(const bool suffix, header.Bool(kSuffixKey, false));
  if (suffix) {
    return MakeError(Code::kUnsupported, "{}: {} is true; only false is supported", vocab.file,
                     kSuffixKey);
  }
  const GgufValue* const map = header.Find(kCharsmapKey);
  if (map == nullptr) return {};
  if (map->type != GgufType::kArray ||
      (map->element != GgufType::kU8 && map->element != GgufType::kI8)) {
    return header.Malformed(kCharsmapKey, "must be an array of u8 or i8");
  }
  const auto opened = Charsmap::Open(map->bytes);
  if (!opened.ok()) return header.Malformed(kCharsmapKey, opened.error().message);
  vocab.charsmap = map->bytes;
  return {};
}

}  // namespace

Result<void> ReadVocabFlags(const GgufHeader& header, Vocab& vocab) {
  if (vocab.kind == TokenizerKind::kUnigram) return ReadUnigramFlags(header, vocab);
  if (vocab.kind == TokenizerKind::kWordPiece) return ReadWordPieceFlags(header, vocab);
  const bool spm = vocab.kind == TokenizerKind::kSpm;
  const PreTokenizer* pre = spm ? nullptr : FindPreTokenizer(vocab.pre);
  LEDGE_TRY(vocab.add_bos, header.Bool(kAddBosKey, spm || (pre != nullptr && pre->adds_bos)));
  LEDGE_TRY(vocab.add_eos, header.Bool(kAddEosKey, false));
  LEDGE_TRY(const bool space, header.Bool(kAddSpaceKey, spm));
  if (pre != nullptr && pre->spelling == Spelling::kPlain) {
    LEDGE_TRY(vocab.lowercase, header.Bool(kLowercaseKey, false));
  }
  vocab.add_space_prefix = spm && space;  // no byte-level tokenizer does it, whatever the file says
  return {};
}

}  // namespace ledge
