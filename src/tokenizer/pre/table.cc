// The pre-tokenizers that are built in, by name.
#include "tokenizer/pre/pre_tokenizer.h"

namespace ledge {

extern const PreTokenizer kPreDefault;
extern const PreTokenizer kPreGpt2;
extern const PreTokenizer kPreLlama3;
extern const PreTokenizer kPreLlama3Merging;
extern const PreTokenizer kPreQwen2;
extern const PreTokenizer kPreSmollm;
extern const PreTokenizer kPreBloom;
extern const PreTokenizer kPreViking;
extern const PreTokenizer kPreDeepseek3;
extern const PreTokenizer kPreSpark;
extern const PreTokenizer kPreAfmoe;
extern const PreTokenizer kPreDeepseekLlm;
extern const PreTokenizer kPreDeepseekCoder;
extern const PreTokenizer kPreExaoneMoe;
extern const PreTokenizer kPreFalcon;
extern const PreTokenizer kPreGpt4o;
extern const PreTokenizer kPreGpt4oWhole;
extern const PreTokenizer kPreTekken;
extern const PreTokenizer kPreKimi;
extern const PreTokenizer kPreAya;
extern const PreTokenizer kPreYoutu;
extern const PreTokenizer kPreQwen35;
extern const PreTokenizer kPreTurkish;
extern const PreTokenizer kPreSeedCoder;
extern const PreTokenizer kPreLaguna;
extern const PreTokenizer kPreMinicpm;
extern const PreTokenizer kPreGlm;
extern const PreTokenizer kPreOldGlm;
extern const PreTokenizer kPreSuperbpe;
extern const PreTokenizer kPreChameleon;
extern const PreTokenizer kPreJais2;
extern const PreTokenizer kPreGemma4;
extern const PreTokenizer kPreSarvam;
extern const PreTokenizer kPreWhitespace;

namespace {
constexpr const PreTokenizer* kAll[] = {
    &kPreDefault, &kPreGpt2,        &kPreLlama3,        &kPreLlama3Merging, &kPreQwen2,
    &kPreSmollm,  &kPreBloom,       &kPreViking,        &kPreDeepseek3,     &kPreSpark,
    &kPreAfmoe,   &kPreDeepseekLlm, &kPreDeepseekCoder, &kPreExaoneMoe,     &kPreFalcon,
    &kPreGpt4o,   &kPreGpt4oWhole,  &kPreTekken,        &kPreKimi,          &kPreAya,
    &kPreYoutu,   &kPreQwen35,      &kPreTurkish,       &kPreSeedCoder,     &kPreLaguna,
    &kPreMinicpm, &kPreGlm,         &kPreOldGlm,        &kPreSuperbpe,      &kPreChameleon,
    &kPreJais2,   &kPreGemma4,      &kPreSarvam,        &kPreWhitespace,
};
}  // namespace

std::span<const PreTokenizer* const> AllPreTokenizers() { return kAll; }

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
    if (!names.empty()) names += ", ";
    names += pre->names[0];
  }
  return names;
}

}  // namespace ledge
