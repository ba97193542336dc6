#include "hf/type_choice.h"

#include <gtest/gtest.h>

#include "testing/result_matchers.h"

namespace ledge {
namespace {

std::vector<MadeTensor> Tensors(bool tied) {
  std::vector<MadeTensor> tensors;
  const auto add = [&](std::string name, std::vector<uint64_t> dims) {
    tensors.push_back({.name = std::move(name),
                       .type = dims.size() == 1 ? TensorType::kF32 : TensorType::kBF16,
                       .dims = dims,
                       .row_values = dims[0]});
  };
  add("token_embd.weight", {512, 100});
  if (!tied) add("output.weight", {512, 100});
  add("blk.0.attn_norm.weight", {512});
  add("blk.0.attn_q.weight", {512, 512});
  add("blk.0.ffn_gate_inp.weight", {512, 4});
  add("blk.0.ffn_down_exps.weight", {96, 512, 4});
  add("blk.0.odd.weight", {40, 512});
  add("position_embd.weight", {512, 64});
  return tensors;
}

std::string TypesAfter(std::string_view wanted, bool tied) {
  auto tensors = Tensors(tied);
  ChooseTypes(*ParseImportType(wanted), tensors);
  std::string text;
  for (const MadeTensor& tensor : tensors) {
    text += (text.empty() ? "" : " ") + std::string(Info(tensor.type).name);
  }
  return text;
}

TEST(TypeChoice, GivesMatricesTheTypeAndSparesWhatIsSmall) {
  EXPECT_EQ(TypesAfter("q4_k", true), "Q6_K F32 Q4_K BF16 Q8_0 BF16 BF16");
  EXPECT_EQ(TypesAfter("Q4_0", false), "Q4_0 Q6_K F32 Q4_0 BF16 Q4_0 BF16 BF16");
  EXPECT_EQ(TypesAfter("q8_0", true), "Q8_0 F32 Q8_0 BF16 Q8_0 BF16 BF16");
  EXPECT_EQ(TypesAfter("f16", true), "F16 F32 F16 BF16 F16 F16 BF16");
  EXPECT_EQ(TypesAfter("f32", true), "F32 F32 F32 F32 F32 F32 F32");
}

TEST(TypeChoice, NamesWhatCanBeWritten) {
  for (const std::string_view name : {"q4_k_m", "iq3_s", "q5_k", "i8", "", "\x1b"}) {
    const auto type = ParseImportType(name);
    EXPECT_ERROR(type, Code::kUsage,
                 "this build can write F32, F16, Q4_0, Q4_1, Q8_0, Q4_K, Q6_K, BF16");
  }
}

}  // namespace
}  // namespace ledge
