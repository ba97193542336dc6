#include "tokenizer/vocab_notes.h"

#include "tokenizer/vocab.h"

namespace ledge {
namespace {

constexpr char kModel[] = "tokenizer.ggml.model";

}  // namespace

std::optional<std::string> GuessOfPreTokenizer(const GgufHeader& header) {
  constexpr char kPre[] = "tokenizer.ggml.pre";
  if (header.String(kModel, "").value_or("") != "gpt2" ||
      !header.String(kPre, "").value_or("").empty())
    return std::nullopt;
  return fmt::format(
      "{}: names no pre-tokenizer ({}); 'default' is taken, which may cut words otherwise than the "
      "model has learnt them",
      header.file(), kPre);
}

Error WhyNoTokenizer(const GgufHeader& header) {
  if (header.Find(kModel) == nullptr) {
    return MakeError(
        Code::kUnsupported,
        "{}: has no tokenizer ({} is missing); only what takes token ids works with it",
        header.file(), kModel);
  }
  const auto vocab = ReadVocab(header);
  if (!vocab.ok()) return vocab.error();
  return MakeError(Code::kUnsupported,
                   "{}: was packed by a version that did not know its tokenizer; this one does, so "
                   "import it again",
                   header.file());
}

}  // namespace ledge
