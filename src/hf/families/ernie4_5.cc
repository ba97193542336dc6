// ERNIE 4.5, dense: as llama, but heads are turned by neighbours as they are.
#include "hf/decoder.h"
#include "hf/family.h"

namespace ledge {
namespace hf_ernie4_5 {

constexpr std::string_view kModels[] = {"Ernie4_5ForCausalLM", "Ernie4_5_ForCausalLM"};

Result<void> ConvertErnie45(Conversion& conversion) {
  return ConvertDecoder(
      conversion,
      {.norms = kHfNormsBefore, .attention = kHfAttention, .feed_forward = kHfFeedForward});
}

}  // namespace hf_ernie4_5

extern const HfFamily kFamily_ernie4_5;
const HfFamily kFamily_ernie4_5 = {"ernie4_5", hf_ernie4_5::kModels, &hf_ernie4_5::ConvertErnie45};

}  // namespace ledge
