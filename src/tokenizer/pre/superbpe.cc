// SuperBPE merges across spaces, so only numbers are cut, in threes from their end:
//   \p{N}+    (?=(\d{3})+(?!\d))
#include "tokenizer/pre/matchers.h"
#include "tokenizer/pre/pre_tokenizer.h"

namespace ledge {
namespace {

constexpr std::string_view kNames[] = {"superbpe"};
constexpr WordStep kSteps[] = {NumbersFromEnd};

}  // namespace

extern const PreTokenizer kPreSuperbpe;
constinit const PreTokenizer kPreSuperbpe = {.names = kNames, .steps = kSteps};

}  // namespace ledge
