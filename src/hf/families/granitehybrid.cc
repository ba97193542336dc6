// Granite 4's hybrids: most layers have a Mamba-2 mixer in the place of attention; experts and one
// that all tokens share, or only what would be the shared one.
#include <algorithm>

#include "hf/decoder.h"
#include "hf/family.h"
#include "hf/granite.h"

namespace ledge {
namespace hf_granitehybrid {

constexpr std::string_view kModels[] = {kGraniteHybridModel};

constexpr HfExperts kExperts = {.router = "block_sparse_moe.router.layer",
                                .sign = "block_sparse_moe.input_linear.weight"};

struct Mixer {
  uint64_t inner = 0;
  uint64_t heads = 0;
  uint64_t groups = 0;
  uint64_t state = 0;
  uint64_t taps = 0;
  bool convolution_bias = true;
};

Result<uint64_t> Size(const HfConfig& config, std::string_view field, uint64_t fallback) {
  LEDGE_TRY(const uint64_t size, config.Count(field, fallback));
  if (size > 0 && size <= kMaxHfRowValues) return size;
  return config.Malformed(field,
                          fmt::format("is {}; it should be from 1 to {}", size, kMaxHfRowValues));
}

// What is missing is as transformers has it then.
Result<Mixer> ReadMixer(const HfConfig& config, uint64_t width) {
  constexpr std::string_view kHead = "mamba_d_head";
  Mixer mixer;
  LEDGE_TRY(const uint64_t expand, Size(config, "mamba_expand", 2));
  LEDGE_TRY(mixer.heads, Size(config, "mamba_n_heads", 128));
  LEDGE_TRY(mixer.groups, Size(config, "mamba_n_groups", 1));
  LEDGE_TRY(mixer.state, Size(config, "mamba_d_state", 256));
  LEDGE_TRY(mixer.taps, Size(config, "mamba_d_conv", 4));
  LEDGE_TRY(mixer.convolution_bias, config.Bool("mamba_conv_bias", true));
  mixer.inner = expand * width;
  // A number, or "auto".
  const auto automatic = config.Text(kHead, "auto");
  const uint64_t head = mixer.inner / mixer.heads;
  if (automatic.ok()) {
    LEDGE_CHECK_OK(RequireText(config, kHead, "auto"));
  } else {
    LEDGE_TRY(const uint64_t said, config.Count(kHead));
    if (said != head) {
      return config.Malformed(
          kHead, fmt::format("is {}; it should be {}, the {} values of a mixer by its {} heads",
                             said, head, mixer.inner, mixer.heads));
    }
  }
  if (mixer.inner % mixer.groups == 0 && mixer.inner % mixer.heads == 0) return mixer;
  return config.Malformed("mamba_expand",
                          fmt::format("is {}, so that a mixer has {} values; {} heads and {} "
                                      "groups should divide them",
                                      expand, mixer.inner, mixer.heads, mixer.groups));
}

Result<std::vector<bool>> MixersOf(const HfConfig& config, uint64_t layers) {
  constexpr std::string_view kTypes = "layer_types";
  LEDGE_TRY(const std::vector<std::string> types, config.Texts(kTypes));
  if (types.size() != layers) {
    return config.Malformed(kTypes, fmt::format("has {} entries; it should have one a layer, {}",
                                                types.size(), layers));
  }
  std::vector<bool> mixers;
  for (const std::string& type : types) {
    if (type != "mamba" && type != "attention") {
      return config.Unsupported(kTypes,
                                fmt::format("has \"{}\" in it; mamba and attention are supported",
                                            PrintableLine(type, 40)));
    }
    mixers.push_back(type == "mamba");
  }
  return mixers;
}

void PutMixer(Conversion& c, const Mixer& mixer) {
  c.PutCount("ssm.conv_kernel", mixer.taps);
  c.PutCount("ssm.inner_size", mixer.inner);
  c.PutCount("ssm.state_size", mixer.state);
  c.PutCount("ssm.group_count", mixer.groups);
  c.PutCount("ssm.time_step_rank", mixer.heads);
}

Result<void> TakeMixer(Conversion& c, const Mixer& mixer, const std::string& from,
                       const std::string& to) {
  const uint64_t convolved = mixer.inner + 2 * mixer.groups * mixer.state;
  LEDGE_CHECK_OK(c.Take(from + "in_proj.weight", to + "ssm_in.weight"));
  LEDGE_CHECK_OK(
      c.TakeFloats(from + "conv1d.weight", to + "ssm_conv1d.weight", {mixer.taps, convolved}));
  if (mixer.convolution_bias) LEDGE_CHECK_OK(c.Take(from + "conv1d.bias", to + "ssm_conv1d.bias"));
  LEDGE_CHECK_OK(c.Take(from + "dt_bias", to + "ssm_dt.bias"));
  LEDGE_CHECK_OK(c.TakeFloats(from + "A_log", to + "ssm_a", {1, mixer.heads}, /*minus_exp=*/true));
  LEDGE_CHECK_OK(c.TakeFloats(from + "D", to + "ssm_d", {1, mixer.heads}));
  LEDGE_CHECK_OK(c.TakeFloats(from + "norm.weight", to + "ssm_norm.weight",
                              {mixer.inner / mixer.groups, mixer.groups}));
  return c.Take(from + "out_proj.weight", to + "ssm_out.weight");
}

Result<void> CheckFields(const HfConfig& config) {
  LEDGE_CHECK_OK(RequireText(config, "normalization_function", "rmsnorm"));
  if (!config.has("time_step_limit")) return {};
  return config.Unsupported("time_step_limit", "is there; only models without one are supported");
}

Result<void> PutPositions(Conversion& c) {
  constexpr std::string_view kField = "position_embedding_type";
  LEDGE_TRY(const std::string type, c.config().Text(kField, "nope"));
  if (type != "rope" && type != "nope") {
    return c.config().Unsupported(
        kField, fmt::format("is \"{}\"; rope and nope are supported", PrintableLine(type, 40)));
  }
  c.PutBool("rope.scaling.finetuned", type == "rope");
  return {};
}

Result<void> ConvertGranitehybrid(Conversion& conversion) {
  const HfConfig& config = conversion.config();
  LEDGE_CHECK_OK(CheckFields(config));
  LEDGE_TRY(const HfShape shape, ReadHfShape(config));
  LEDGE_TRY(const Mixer mixer, ReadMixer(config, shape.width));
  LEDGE_TRY(const std::vector<bool> mixers, MixersOf(config, shape.layers));
  LEDGE_TRY(const uint64_t experts, config.Count("num_local_experts", 0));
  constexpr std::string_view kShared = "shared_intermediate_size";
  LEDGE_CHECK_OK(
      ConvertDecoder(conversion, {.norms = kHfNormsBefore,
                                  .attention = kHfAttention,
                                  .experts = kExperts,
                                  .feed_forward_field = experts > 0 ? "intermediate_size" : kShared,
                                  .paired = true,
                                  .mixers = mixers}));
  PutMixer(conversion, mixer);
  LEDGE_CHECK_OK(PutPositions(conversion));
  if (experts > 0 && config.has(kShared)) {
    LEDGE_CHECK_OK(conversion.CopyCount(kShared, "expert_shared_feed_forward_length"));
  }
  for (uint64_t i = 0; i < shape.layers; ++i) {
    const std::string from = fmt::format("model.layers.{}.", i);
    const std::string to = fmt::format("blk.{}.", i);
    if (mixers[i]) LEDGE_CHECK_OK(TakeMixer(conversion, mixer, from + "mamba.", to));
    LEDGE_CHECK_OK(experts > 0 ? TakeGraniteExperts(conversion, from, to)
                               : TakeGraniteFeedForward(conversion, from + "shared_mlp.", to, ""));
  }
  return CopyGraniteMultipliers(conversion);
}

}  // namespace hf_granitehybrid

extern const HfFamily kFamily_granitehybrid;
const HfFamily kFamily_granitehybrid = {"granitehybrid", hf_granitehybrid::kModels,
                                        &hf_granitehybrid::ConvertGranitehybrid, &IsGraniteHybrid};

}  // namespace ledge
