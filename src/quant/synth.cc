#include "quant/synth.h"

#include <array>
#include <cmath>
#include <memory>
#include <utility>

#include "base/checked.h"
#include "base/units.h"
#include "gguf/gguf_writer.h"
#include "gguf/shapes.h"
#include "quant/filler_vocabulary.h"
#include "quant/random_blocks.h"

namespace ledge {
namespace {

constexpr uint64_t kPieceBytes =
    4 * kMiB;  // generated and written at a time, rounded to whole blocks

struct Mix {
  std::string_view name;
  TensorType base;
  TensorType output;     // the output matrix, and the embedding where it is both
  TensorType more_bits;  // attn_v and ffn_down of the layers that matter most
  uint32_t file_type;    // llama.cpp's number for general.file_type
};

using enum TensorType;
constexpr std::array kMixes = {
    Mix{"q4_0", kQ4_0, kQ6_K, kQ4_0, 2},
    Mix{"q4_1", kQ4_1, kQ6_K, kQ4_1, 3},
    Mix{"q8_0", kQ8_0, kQ8_0, kQ8_0, 7},
    Mix{"q4_k_m", kQ4_K, kQ6_K, kQ6_K, 15},
    Mix{"q6_k", kQ6_K, kQ6_K, kQ6_K, 18},
    Mix{"f16", kF16, kF16, kF16, 1},
    Mix{"q5_k_m", kQ5_K, kQ6_K, kQ6_K, 17},
    Mix{"iq4_nl", kIQ4_NL, kQ6_K, kIQ4_NL, 25},
    Mix{"iq4_xs", kIQ4_XS, kQ6_K, kIQ4_XS, 30},
    Mix{"iq3_s", kIQ3_S, kQ6_K, kIQ3_S, 26},
    Mix{"mxfp4", kMXFP4, kQ8_0, kMXFP4, 38},
    Mix{"bf16", kBF16, kBF16, kBF16, 32},
    Mix{"f32", kF32, kF32, kF32, 0},
};

struct Planned {
  std::string name;
  TensorType type;
  std::vector<uint64_t> dims;
  bool is_norm = false;
};

// The first and last eighth of the layers and every third between.
bool WantsMoreBits(uint32_t layer, uint32_t layers) {
  return layer < layers / 8 || layer >= 7 * layers / 8 || (layer - layers / 8) % 3 == 2;
}

std::vector<Planned> PlanTensors(const ModelShape& shape, const Mix& mix) {
  const uint64_t hidden = shape.hidden;
  const uint64_t queries = uint64_t{shape.heads} * shape.head_values;
  const uint64_t keys = uint64_t{shape.kv_heads} * shape.head_values;
  std::vector<Planned> plan;
  plan.push_back(
      {"token_embd.weight", shape.tied ? mix.output : mix.base, {hidden, shape.vocabulary}});
  for (uint32_t layer = 0; layer < shape.layers; ++layer) {
    const TensorType extra = WantsMoreBits(layer, shape.layers) ? mix.more_bits : mix.base;
    const auto name = [layer](std::string_view part) {
      return fmt::format("blk.{}.{}.weight", layer, part);
    };
    plan.push_back({name("attn_norm"), kF32, {hidden}, true});
    plan.push_back({name("attn_q"), mix.base, {hidden, queries}});
    plan.push_back({name("attn_k"), mix.base, {hidden, keys}});
    plan.push_back({name("attn_v"), extra, {hidden, keys}});
    plan.push_back({name("attn_output"), mix.base, {queries, hidden}});
    plan.push_back({name("ffn_norm"), kF32, {hidden}, true});
    plan.push_back({name("ffn_gate"), mix.base, {hidden, shape.ffn}});
    plan.push_back({name("ffn_up"), mix.base, {hidden, shape.ffn}});
    plan.push_back({name("ffn_down"), extra, {shape.ffn, hidden}});
  }
  plan.push_back({"output_norm.weight", kF32, {hidden}, true});
  if (!shape.tied) plan.push_back({"output.weight", mix.output, {hidden, shape.vocabulary}});
  return plan;
}

void AddModel(GgufWriter& writer, const ModelShape& shape, const Mix& mix) {
  writer.AddString("general.architecture", "llama");
  writer.AddString("general.name", fmt::format("{} with random weights", shape.model));
  writer.AddNumber<uint32_t>("general.file_type", mix.file_type);
  writer.AddNumber<uint32_t>("general.quantization_version", 2);
  writer.AddNumber<uint32_t>("llama.vocab_size", shape.vocabulary);
  writer.AddNumber<uint32_t>("llama.context_length", shape.context);
  writer.AddNumber<uint32_t>("llama.embedding_length", shape.hidden);
  writer.AddNumber<uint32_t>("llama.block_count", shape.layers);
  writer.AddNumber<uint32_t>("llama.feed_forward_length", shape.ffn);
  writer.AddNumber<uint32_t>("llama.attention.head_count", shape.heads);
  writer.AddNumber<uint32_t>("llama.attention.head_count_kv", shape.kv_heads);
  writer.AddNumber<uint32_t>("llama.rope.dimension_count", shape.head_values);
  writer.AddNumber<float>("llama.rope.freq_base", shape.rope_base);
  writer.AddNumber<float>("llama.attention.layer_norm_rms_epsilon", 1e-5F);
}

void AddTokenizer(GgufWriter& writer, uint32_t vocabulary) {
  const FillerVocabulary made = MakeFillerVocabulary(vocabulary);
  writer.AddString("tokenizer.ggml.model", "llama");
  writer.AddString("tokenizer.ggml.pre", "default");
  writer.AddStrings("tokenizer.ggml.tokens", made.tokens);
  writer.AddNumbers<float>("tokenizer.ggml.scores", made.scores);
  writer.AddNumbers<int32_t>("tokenizer.ggml.token_type", made.types);
  writer.AddNumber<uint32_t>("tokenizer.ggml.unknown_token_id", 0);
  writer.AddNumber<uint32_t>("tokenizer.ggml.bos_token_id", 1);
  writer.AddNumber<uint32_t>("tokenizer.ggml.eos_token_id", 2);
  writer.AddBool("tokenizer.ggml.add_bos_token", true);
  writer.AddBool("tokenizer.ggml.add_eos_token", false);
}

// Norms are about 1; a matrix of n columns keeps what it multiplies at its size with weights of
// 1/sqrt(n).
void FillPiece(const Planned& tensor, RandomBits& random, std::span<std::byte> piece) {
  if (!tensor.is_norm) {
    const float deviation = 1.0F / std::sqrt(static_cast<float>(tensor.dims[0]));
    return FillRandomBlocks(tensor.type, deviation, random, piece);
  }
  FillRandomBlocks(tensor.type, 0.05F, random, piece);
  for (size_t at = 0; at < piece.size(); at += sizeof(float)) {
    float value;
    std::memcpy(&value, piece.data() + at, sizeof(value));
    value += 1.0F;
    std::memcpy(piece.data() + at, &value, sizeof(value));
  }
}

Result<void> WriteTensors(GgufWriter& writer, const std::vector<Planned>& plan,
                          const SynthOptions& options) {
  RandomBits random(options.seed);
  std::vector<std::byte> buffer(kPieceBytes);
  uint64_t done = 0;
  for (const Planned& tensor : plan) {
    const uint64_t block = Info(tensor.type).block_bytes;
    const uint64_t rows = tensor.dims.size() > 1 ? tensor.dims[1] : 1;
    uint64_t left = *RowBytes(tensor.type, tensor.dims[0]) * rows;
    while (left > 0) {
      const auto piece = std::span(buffer).first(std::min(left, kPieceBytes / block * block));
      FillPiece(tensor, random, piece);
      LEDGE_CHECK_OK(writer.Write(piece));
      left -= piece.size();
      done += piece.size();
      if (options.progress) LEDGE_CHECK_OK(options.progress(done, writer.file_bytes()));
    }
  }
  return {};
}

template <typename Items>
std::string Names(const Items& items) {
  std::string names;
  for (const auto& item : items) names += fmt::format(" {}", item.name);
  return names;
}

std::string FolderOf(const std::string& path) {
  const size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

}  // namespace

std::vector<std::string_view> SynthTypes() {
  std::vector<std::string_view> names;
  for (const Mix& mix : kMixes) names.push_back(mix.name);
  return names;
}

Result<uint64_t> Synthesize(Os& os, const SynthOptions& options) {
  const ModelShape* shape = FindShape(options.shape);
  if (shape == nullptr) {
    return MakeError(Code::kUsage, "shape '{}' is not known; it should be one of{}",
                     PrintableLine(options.shape, 80), Names(AllShapes()));
  }
  const Mix* mix = nullptr;
  for (const Mix& candidate : kMixes) {
    if (candidate.name == options.type) mix = &candidate;
  }
  if (mix == nullptr) {
    return MakeError(Code::kUsage, "type '{}' is not known; it should be one of{}",
                     PrintableLine(options.type, 80), Names(kMixes));
  }
  const std::vector<Planned> plan = PlanTensors(*shape, *mix);
  LEDGE_TRY(const auto file, os.Create(options.path));
  GgufWriter writer(SinkTo(*file));
  AddModel(writer, *shape, *mix);
  AddTokenizer(writer, shape->vocabulary);
  for (const Planned& tensor : plan)
    LEDGE_CHECK_OK(writer.AddTensor(tensor.name, tensor.type, tensor.dims));
  LEDGE_TRY(const uint64_t free, os.FreeDiskBytes(FolderOf(options.path)));
  LEDGE_CHECK_OK(writer.Begin());
  if (writer.file_bytes() > free) {
    return MakeError(
        Code::kNoSpace, "'{}' takes {} but only {} are free; free some or choose another folder",
        PrintableLine(options.path, 200), FormatSize(writer.file_bytes()), FormatSize(free));
  }
  LEDGE_CHECK_OK(WriteTensors(writer, plan, options));
  LEDGE_CHECK_OK(writer.Finish());
  LEDGE_CHECK_OK(file->Commit());
  return writer.file_bytes();
}

}  // namespace ledge
