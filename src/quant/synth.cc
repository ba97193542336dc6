#include "quant/synth.h"

#include <array>
#include <cstring>
#include <memory>
#include <utility>

#include "base/checked.h"
#include "base/units.h"
#include "gguf/gguf_writer.h"
#include "gguf/shapes.h"
#include "quant/filler_vocabulary.h"
#include "quant/random_blocks.h"
#include "quant/synth_plan.h"

namespace ledge {
namespace {

constexpr uint64_t kPieceBytes =
    4 * kMiB;  // generated and written at a time, rounded to whole blocks

using enum TensorType;
constexpr std::array kMixes = {
    SynthMix{"q4_0", kQ4_0, kQ6_K, kQ4_0, 2},
    SynthMix{"q4_1", kQ4_1, kQ6_K, kQ4_1, 3},
    SynthMix{"q8_0", kQ8_0, kQ8_0, kQ8_0, 7},
    SynthMix{"q4_k_m", kQ4_K, kQ6_K, kQ6_K, 15},
    SynthMix{"q6_k", kQ6_K, kQ6_K, kQ6_K, 18},
    SynthMix{"f16", kF16, kF16, kF16, 1},
    SynthMix{"q4_k_s", kQ4_K, kQ6_K, kQ4_K, 14},
    SynthMix{"q5_k_s", kQ5_K, kQ6_K, kQ5_K, 16},
    SynthMix{"q5_k_m", kQ5_K, kQ6_K, kQ6_K, 17},
    SynthMix{"iq4_nl", kIQ4_NL, kQ6_K, kIQ4_NL, 25},
    SynthMix{"iq4_xs", kIQ4_XS, kQ6_K, kIQ4_XS, 30},
    SynthMix{"iq3_s", kIQ3_S, kQ6_K, kIQ3_S, 26},
    SynthMix{"mxfp4", kMXFP4, kQ8_0, kMXFP4, 38},
    SynthMix{"bf16", kBF16, kBF16, kBF16, 32},
    SynthMix{"f32", kF32, kF32, kF32, 0},
};

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

void FillPiece(const SynthTensor& tensor, RandomBits& random, std::span<std::byte> piece) {
  FillRandomBlocks(tensor.type, tensor.deviation, random, piece);
  if (tensor.mean == 0) return;
  for (size_t at = 0; at < piece.size(); at += sizeof(float)) {
    float value;
    std::memcpy(&value, piece.data() + at, sizeof(value));
    value += tensor.mean;
    std::memcpy(piece.data() + at, &value, sizeof(value));
  }
}

Result<void> WriteTensors(GgufWriter& writer, const std::vector<SynthTensor>& plan,
                          const SynthOptions& options) {
  RandomBits random(options.seed);
  std::vector<std::byte> buffer(kPieceBytes);
  uint64_t done = 0;
  for (const SynthTensor& tensor : plan) {
    const uint64_t block = Info(tensor.type).block_bytes;
    uint64_t left = *RowBytes(tensor.type, tensor.dims[0]) * tensor.rows();
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
  for (const SynthMix& mix : kMixes) names.push_back(mix.name);
  return names;
}

Result<uint64_t> Synthesize(Os& os, const SynthOptions& options) {
  const ModelShape* shape = FindShape(options.shape);
  if (shape == nullptr) {
    return MakeError(Code::kUsage, "shape '{}' is not known; it should be one of{}",
                     PrintableLine(options.shape, 80), Names(AllShapes()));
  }
  const SynthMix* mix = nullptr;
  for (const SynthMix& candidate : kMixes) {
    if (candidate.name == options.type) mix = &candidate;
  }
  if (mix == nullptr) {
    return MakeError(Code::kUsage, "type '{}' is not known; it should be one of{}",
                     PrintableLine(options.type, 80), Names(kMixes));
  }
  const std::vector<SynthTensor> plan = PlanSynth(*shape, *mix);
  LEDGE_TRY(const auto file, os.Create(options.path));
  GgufWriter writer(SinkTo(*file));
  AddSynthMetadata(writer, *shape, *mix);
  AddTokenizer(writer, shape->vocabulary);
  for (const SynthTensor& tensor : plan)
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
