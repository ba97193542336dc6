// The pre-tokenizers that are built in, by name.
#include "tokenizer/pre/pre_tokenizer.h"

namespace ledge {

extern const PreTokenizer kPreDefault;
extern const PreTokenizer kPreGpt2;
extern const PreTokenizer kPreLlama3;
extern const PreTokenizer kPreLlama3Merging;
extern const PreTokenizer kPreQwen2;
extern const PreTokenizer kPreSmollm;

namespace {
constexpr const PreTokenizer* kAll[] = {
    &kPreDefault, &kPreGpt2, &kPreLlama3, &kPreLlama3Merging, &kPreQwen2, &kPreSmollm,
};
}  // namespace

const PreTokenizer* FindPreTokenizer(std::string_view name) {
  for (const PreTokenizer* pre : kAll) {
    for (const std::string_view known : pre->names) {
      if (known == name) return pre;
    }
  }
  return nullptr;
}

std::string PreTokenizerNames() {
  std::string names;
  for (const PreTokenizer* pre : kAll) {
    for (const std::string_view name : pre->names) {
      if (!names.empty()) names += ", ";
      names += name;
    }
  }
  return names;
}

}  // namespace ledge
