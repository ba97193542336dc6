// Folders of every family, a tensor of which is missing or has another shape: whoever made them is
// told its own name for it and the shape that the model asks for.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "hf/shape_text.h"
#include "model/model.h"
#include "os/fault/fault_os.h"
#include "pack/packer.h"
#include "testing/family_folders.h"
#include "testing/made_folder.h"
#include "testing/result_matchers.h"

namespace ledge {
namespace {

using ::testing::AnyOf;
using testing::FamilyFolder;
using ::testing::HasSubstr;
using testing::NamedTensor;
using testing::TinyFolder;

// As store/import.cc does it before anything is stored.
Result<ModelSpec> DescribeFolder(const TinyFolder& folder) {
  fault::FaultOs os;
  folder.Put(os, testing::kMadeFolder);
  LEDGE_TRY(const Packer packer, Packer::Open(os, testing::kMadeFolder, {}));
  return Model::Describe(packer.header(), packer.origins());
}

std::string ShapeOf(const NamedTensor& tensor) {
  return HfShapeText(std::vector<uint64_t>(tensor.shape.begin(), tensor.shape.end()));
}

// Its configuration always says how many tokens there are.
TinyFolder FolderOf(std::string_view family) {
  TinyFolder folder = FamilyFolder(family).folder();
  folder.config["vocab_size"] = FamilyFolder::Tiny::kVocabulary;
  return folder;
}

class FamilyTest : public ::testing::TestWithParam<std::string_view> {};

TEST_P(FamilyTest, AMissingTensorIsNamedWithTheShapeItShouldHave) {
  const TinyFolder whole = FolderOf(GetParam());
  ASSERT_OK(DescribeFolder(whole));
  int named = 0;
  for (const NamedTensor& tensor : whole.tensors) {
    SCOPED_TRACE(tensor.name);
    TinyFolder folder = whole;
    folder.Drop(tensor.name);
    const auto described = DescribeFolder(folder);
    if (described.ok()) {
      // What a model may do without.
      EXPECT_THAT(tensor.name, AnyOf(HasSubstr("bias"), HasSubstr("beta"), HasSubstr("lm_head"),
                                     HasSubstr("token_type"), HasSubstr("inv_freq")));
      continue;
    }
    ++named;
    const std::string& said = described.error().message;
    EXPECT_EQ(described.error().code, Code::kMalformed);
    EXPECT_THAT(said, HasSubstr(fmt::format("{}: tensor '{}' is missing; it should be ",
                                            testing::kMadeFolder, tensor.name)));
    EXPECT_THAT(
        said, AnyOf(HasSubstr("it should be " + ShapeOf(tensor)),
                    HasSubstr("values along one dimension"), HasSubstr("of as many values as [")));
  }
  EXPECT_GT(named, 10);
}

TEST_P(FamilyTest, AMisshapenTensorIsNamedWithItsShape) {
  const TinyFolder whole = FolderOf(GetParam());
  for (size_t i = 0; i < whole.tensors.size(); ++i) {
    TinyFolder folder = whole;
    NamedTensor& tensor = folder.tensors[i];
    SCOPED_TRACE(tensor.name);
    tensor.data += tensor.data;
    tensor.shape[0] *= 2;
    const auto described = DescribeFolder(folder);
    if (described.ok()) {
      EXPECT_THAT(tensor.name, HasSubstr("token_type")) << "of which there may be any number";
      continue;
    }
    const std::string& said = described.error().message;
    EXPECT_THAT(said, HasSubstr("it should"));
    // What a shared expert's first matrix has is what its others should have.
    if (said.find(tensor.name) == std::string::npos &&
        tensor.name.find("shared") != std::string::npos)
      continue;
    EXPECT_THAT(said, HasSubstr(ShapeOf(tensor)));
    EXPECT_THAT(said, HasSubstr(fmt::format("'{}'", tensor.name)));
  }
}

INSTANTIATE_TEST_SUITE_P(All, FamilyTest, ::testing::ValuesIn(FamilyFolder::Names()),
                         [](const auto& test) {
                           std::string name(test.param);
                           std::ranges::replace_if(name, [](char c) { return !isalnum(c); }, '_');
                           return name;
                         });

TEST(MissingTensor, OfATinyModelIsNamedWhereverItStands) {
  const TinyFolder whole;
  for (const NamedTensor& tensor : whole.tensors) {
    TinyFolder folder = whole;
    folder.Drop(tensor.name);
    EXPECT_ERROR(
        DescribeFolder(folder), Code::kMalformed,
        fmt::format("tensor '{}' is missing; it should be {}", tensor.name, ShapeOf(tensor)));
  }
}

TEST(MissingTensor, OfTheEmbeddingTheConfigurationSaysTheRows) {
  TinyFolder folder;
  folder.config["vocab_size"] = 500;
  folder.Drop("model.embed_tokens.weight");
  EXPECT_ERROR(DescribeFolder(folder), Code::kMalformed,
               "tensor 'model.embed_tokens.weight' is missing; it should be [500, 32]");
}

TEST(MissingTensor, OneUnderAnotherNameIsToldOfAsMissing) {
  TinyFolder folder;
  folder.Tensor("model.norm.weight").name = "model.final_norm.weight";
  EXPECT_ERROR(DescribeFolder(folder), Code::kMalformed,
               "tensor 'model.norm.weight' is missing; it should be [32]");
}

TEST(MissingTensor, OfALayerThatHasExpertsTheRouterIsNamed) {
  TinyFolder folder = FamilyFolder("qwen2moe").folder();
  const std::string router = "model.layers.0.mlp.gate.weight";
  const std::string shape = ShapeOf(folder.Tensor(router));
  folder.Drop(router);
  EXPECT_ERROR(DescribeFolder(folder), Code::kMalformed,
               fmt::format("tensor '{}' is missing; it should be {}", router, shape));
}

// Numbers that the conversion takes and the model doesn't.
TEST(MisfitNumber, OfAFolderIsCalledByItsField) {
  for (const auto& [field, number, said] :
       {std::tuple{"rms_norm_eps", 0, "rms_norm_eps is 0; it should be positive and finite"},
        {"max_position_embeddings", 0, "max_position_embeddings is 0; it should be from 1 to"},
        {"num_key_value_heads", 0, "num_key_value_heads is 0; it should be from 1 to"},
        {"hidden_size", 0, "hidden_size is 0; it should be from 1 to"}}) {
    TinyFolder folder;
    folder.config[field] = number;
    folder.config["head_dim"] = 16;
    EXPECT_ERROR(DescribeFolder(folder), Code::kMalformed,
                 fmt::format("{}/config.json: {}", testing::kMadeFolder, said));
  }
  TinyFolder folder = FamilyFolder("qwen2moe").folder();
  folder.config["num_experts_per_tok"] = 0;
  EXPECT_ERROR(DescribeFolder(folder), Code::kMalformed,
               "/config.json: num_experts_per_tok is 0; it should be from 1 to");
}

// The tokenizer's tables are made when all is packed, of the keys that its files became.
TEST(MisfitTokenizer, OfAFolderIsCalledByItsFileAndField) {
  TinyFolder folder;
  folder.tokenizer["model"]["merges"].push_back("zz yy");
  fault::FaultOs os;
  folder.Put(os, testing::kMadeFolder);
  ASSERT_OK_AND_ASSIGN(Packer packer, Packer::Open(os, testing::kMadeFolder, {}));
  EXPECT_ERROR(packer.Plan(), Code::kMalformed,
               fmt::format("{}/tokenizer.json: model.merges[", testing::kMadeFolder));
}

TEST(MissingTensor, ThousandsAreOne) {
  TinyFolder folder;
  folder.config["num_hidden_layers"] = 4000000000U;
  EXPECT_ERROR(DescribeFolder(folder), Code::kMalformed,
               "tensor 'model.layers.1.input_layernorm.weight' is missing; config.json asks for "
               "it, [32] like 'model.layers.0.input_layernorm.weight'");
}

}  // namespace
}  // namespace ledge
