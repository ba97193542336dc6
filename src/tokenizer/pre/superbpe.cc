// SuperBPE merges across spaces, so only numbers are cut, in threes from their end:
//   \p{N}+    (?=(\d{3})+(?!\d))
#include "tokenizer/pre/matchers.h"
#include "tokenizer/pre/pre_tokenizer.h"

namespace ledge {
namespace pre_superbpe {

constexpr std::string_view kNames[] = {"superbpe"};
constexpr WordStep kSteps[] = {NumbersFromEnd, ThreesFromFront};

}  // namespace pre_superbpe

extern const PreTokenizer kPreSuperbpe;
constinit const PreTokenizer kPreSuperbpe = {.names = pre_superbpe::kNames,
                                             .steps = pre_superbpe::kSteps};

}  // namespace ledge
