#include "model/model.h"

#include <gtest/gtest.h>

#include "model/architecture.h"
#include "model/layer_groups.h"
#include "model/memory_needs.h"
#include "testing/llama_source.h"
#include "testing/packing.h"
#include "testing/result_matchers.h"

namespace ledge {
namespace {

using testing::LlamaSource;

Result<std::shared_ptr<const Model>> Load(const LlamaSource& source) {
  LEDGE_TRY(auto packed, testing::PackAndOpen(source.Build()));
  return Model::Load(std::move(packed));
}

TEST(Architectures, AreFoundByTheirFiles) {
  ASSERT_FALSE(AllArchitectures().empty());
  bool llama = false;
  for (const Architecture* known : AllArchitectures()) llama = llama || known->name == "llama";
  EXPECT_TRUE(llama);
}

TEST(Model, RefusesAnUnknownArchitectureAndNamesThoseThereAre) {
  EXPECT_ERROR(Load(LlamaSource().Text("general.architecture", "mamba9")), Code::kUnsupported,
               "architecture 'mamba9' is not supported; this build runs ");
  EXPECT_ERROR(Load(LlamaSource().Text("general.architecture", "mamba9")), Code::kUnsupported,
               "llama");
  EXPECT_ERROR(Load(LlamaSource().DropKey("general.architecture")), Code::kMalformed,
               "general.architecture");
  EXPECT_ERROR(Load(LlamaSource().Text("general.architecture", "")), Code::kMalformed,
               "general.architecture");
  EXPECT_ERROR(Load(LlamaSource().Text("general.architecture", std::string(65, 'x'))),
               Code::kMalformed, "65 bytes");
}

TEST(Model, ShowsNamesOnOneLine) {
  ASSERT_OK_AND_ASSIGN(const auto model, Load(LlamaSource().Text("general.name", "a\x1b[31m\nb")));
  EXPECT_EQ(model->spec().name.find('\n'), std::string::npos);
  EXPECT_EQ(model->spec().name.find('\x1b'), std::string::npos);
}

TEST(Model, CountsParameters) {
  ASSERT_OK_AND_ASSIGN(const auto model, Load(LlamaSource()));
  const uint64_t layer = 2 * 32 + 2 * 32 * 32 + 2 * 32 * 16 + 3 * 32 * 72;
  EXPECT_EQ(model->parameters(), 2 * 40 * 32 + 32 + 2 * layer);
}

TEST(Model, DescribesWithoutWeights) {
  const auto bytes = LlamaSource().Build();
  ASSERT_OK_AND_ASSIGN(const auto header, GgufHeader::Parse(bytes, bytes.size(), "source"));
  ASSERT_OK_AND_ASSIGN(const ModelSpec spec, Model::Describe(header));
  EXPECT_EQ(spec.layers.size(), 2U);
  EXPECT_EQ(spec.layers[0].query.rows, 32U);
  EXPECT_EQ(spec.layers[0].query.data, nullptr);
}

TEST(LayerGroups, LayersOfOneKindShareAGroup) {
  ASSERT_OK_AND_ASSIGN(const auto model, Load(LlamaSource()));
  const auto groups = model->LayerGroups(KvType::kQ8);
  ASSERT_EQ(groups.size(), 1U);
  EXPECT_EQ(groups[0].layers, 2U);
  EXPECT_EQ(groups[0].kv_heads, 2U);
  EXPECT_EQ(groups[0].key_dim, 8U);
  EXPECT_EQ(groups[0].window, 0U);
  EXPECT_EQ(groups[0].type, KvType::kQ8);
  EXPECT_EQ(model->spec().layers[0].cache_layer, 0U);
  EXPECT_EQ(model->spec().layers[1].cache_layer, 1U);
}

TEST(LayerGroups, WindowsAndShapesAreKeptApart) {
  ModelSpec spec;
  for (const uint32_t window : {0U, 16U, 0U, 16U, 16U}) {
    LayerSpec& layer = spec.layers.emplace_back();
    layer.attention.kv_heads = 2;
    layer.attention.key_dim = layer.attention.value_dim = 8;
    layer.attention.window = window;
  }
  spec.layers[4].attention.kv_heads = 4;
  AssignCaches(spec);
  const auto groups = LayerGroups(spec, KvType::kF16);
  ASSERT_EQ(groups.size(), 3U);
  EXPECT_EQ(groups[0].layers, 2U);
  EXPECT_EQ(groups[1].layers, 2U);
  EXPECT_EQ(groups[1].window, 16U);
  EXPECT_EQ(groups[2].kv_heads, 4U);
  EXPECT_EQ(spec.layers[3].cache_group, 1U);
  EXPECT_EQ(spec.layers[3].cache_layer, 1U);
  EXPECT_EQ(spec.layers[4].cache_group, 2U);
  EXPECT_EQ(spec.layers[4].cache_layer, 0U);
}

TEST(MemoryNeeds, CountPages) {
  ASSERT_OK_AND_ASSIGN(const auto model, Load(LlamaSource()));
  const GgufHeader& header = model->packed().header();
  const uint64_t page = model->LayerGroups(KvType::kF16)[0].page_bytes();
  const MemoryNeeds needs = MemoryNeedsOf(header, model->spec(), KvType::kF16, 100, 3);
  EXPECT_EQ(needs.weights, model->packed().weight_bytes());
  EXPECT_EQ(needs.kv, page * 4 * 3);
  EXPECT_EQ(needs.kv_per_token, page / kPageTokens);
}

TEST(MemoryNeeds, AWindowNeedsOnlyWhatItSees) {
  ASSERT_OK_AND_ASSIGN(const auto model,
                       Load(LlamaSource().Number<uint32_t>("llama.attention.sliding_window", 33)));
  const uint64_t page = model->LayerGroups(KvType::kF16)[0].page_bytes();
  const GgufHeader& header = model->packed().header();
  EXPECT_EQ(MemoryNeedsOf(header, model->spec(), KvType::kF16, kMaxContext, 1).kv, page * 3);
  EXPECT_EQ(MemoryNeedsOf(header, model->spec(), KvType::kF16, 10, 1).kv, page);
  EXPECT_EQ(MemoryNeedsOf(header, model->spec(), KvType::kF16, 10, 1).kv_per_token, 0U);
}

TEST(MemoryNeeds, NeverWrapAround) {
  ASSERT_OK_AND_ASSIGN(const auto model, Load(LlamaSource()));
  ModelSpec spec = model->spec();
  spec.layers.resize(kMaxLayers, spec.layers[0]);
  for (LayerSpec& layer : spec.layers) layer.attention.kv_heads = kMaxHeads;
  AssignCaches(spec);
  const MemoryNeeds needs =
      MemoryNeedsOf(model->packed().header(), spec, KvType::kF32, UINT32_MAX, UINT32_MAX);
  EXPECT_EQ(needs.kv, UINT64_MAX);
}

}  // namespace
}  // namespace ledge
