// The ways in which model files were seen to break programs: each has a test by name and a seed
// that its fuzz target starts from. What a row says is checked there; here, that none gets lost.
#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "testing/temp_dir.h"

namespace ledge {
namespace {

struct Row {
  const char* what;
  std::vector<std::string_view> tests;  // "Suite.Name"
  std::vector<std::string_view> seeds;  // below fuzz/corpus/
};

const std::vector<Row>& Rows() {
  static const std::vector<Row> rows = {
      {"1: dimensions whose product wraps",
       {"GgufReader.RejectsDimsWhoseProductWraps", "GgufReader.RejectsNegativeDims"},
       {"gguf/dims_wrap_to_0.gguf", "gguf/dims_wrap_to_small.gguf",
        "gguf/dims_wrap_only_values.gguf", "gguf/dims_negative.gguf"}},
      {"2: padded size wraps",
       {"GgufReader.RejectsTensorWhosePaddedSizeWraps"},
       {"gguf/padded_size_wraps.gguf"}},
      {"3: sum of sizes or size of the context overflows",
       {"GgufReader.RejectsSizesWhoseSumWraps", "MemoryNeeds.NeverWrapAround",
        "Llama.RefusesContextsThatMakeNoSense"},
       {"gguf/sizes_sum_wraps.gguf", "pack/model_context_huge"}},
      {"4: dimension of 0",
       {"GgufReader.RejectsZeroDims"},
       {"gguf/dims_zero.gguf", "gguf/row_zero.gguf"}},
      {"5: huge counts",
       {"GgufReader.RejectsHugeTensorCount", "GgufReader.RejectsHugeKeyCount",
        "GgufReader.RejectsHugeStringLength", "GgufReader.RejectsHugeArrayLength",
        "GgufReader.RejectsHugeStringArrays"},
       {"gguf/n_tensors_huge.gguf", "gguf/n_kv_huge.gguf", "gguf/string_length_huge.gguf",
        "gguf/array_length_huge.gguf", "gguf/array_strings_huge.gguf"}},
      {"6: data behind the end of the file",
       {"GgufReader.RejectsTensorPastTheEnd", "GgufReader.RejectsOffsetPastTheEnd"},
       {"gguf/tensor_past_end.gguf", "gguf/offset_past_end.gguf", "gguf/offset_wraps.gguf"}},
      {"7: cut, before or while it is mapped",
       {"GgufReader.RejectsTruncatedFiles", "GgufReader.RefusesEveryTruncation",
        "NativeExecutorTest.RefusesResultsOfWeightsThatWereCutUnderIt",
        "OpenTables.WorksOnWhenPagesTurnToZeros",
        "DamagedPackedFile.CutWhileAnotherProcessRunsItEndsInAMessage"},
       {"gguf/data_truncated.gguf", "gguf/header_truncated.gguf", "pack/packed-llama"}},
      {"8: empty and repeated names",
       {"GgufReader.RejectsEmptyKey", "GgufReader.RejectsDuplicateKeys",
        "GgufReader.RejectsDuplicateTensors"},
       {"gguf/key_empty.gguf", "gguf/key_twice.gguf", "gguf/tensor_twice.gguf"}},
      {"9: alignment",
       {"GgufReader.RejectsAlignmentZero", "GgufReader.RejectsAlignmentThatIsNoPowerOfTwo",
        "GgufReader.RejectsAlignmentOfWrongType"},
       {"gguf/alignment_0.gguf", "gguf/alignment_48.gguf", "gguf/alignment_i32.gguf",
        "gguf/alignment_text.gguf"}},
      {"10: arrays of a narrower type than is read",
       {"GgufReader.RefusesArraysNarrowerThanTheReader", "ReadVocab.RefusesScoresOfAnotherType"},
       {"pack/model_scores_of_bytes", "pack/model_types_of_bytes"}},
      {"11: fewer scores or types than tokens",
       {"ReadVocab.RefusesScoresShorterThanTokens", "ReadVocab.RefusesTypesShorterThanTokens"},
       {"pack/model_scores_short", "pack/model_types_short"}},
      {"12: arrays of arrays", {"GgufReader.RejectsNestedArrays"}, {"gguf/array_nested.gguf"}},
      {"13: unknown types, too many dimensions, parts of blocks",
       {"GgufReader.RejectsUnknownTensorTypesNamingTheNumber", "GgufReader.RejectsMoreThanFourDims",
        "GgufReader.RejectsRowsThatAreNotWholeBlocks"},
       {"gguf/type_43.gguf", "gguf/type_4294967295.gguf", "gguf/dims_five.gguf",
        "gguf/row_not_blocks.gguf"}},
      {"14: counts of heads and experts",
       {"Llama.RefusesNoHeads", "Llama.RefusesKvHeadsThatDoNotDivide",
        "DecoderBuilder.RefusesExpertCountsOutOfRange"},
       {"pack/model_heads_0", "pack/model_kv_heads_not_dividing", "pack/model_experts_0",
        "pack/model_experts_used_0", "pack/model_experts_huge"}},
      {"15: more layers than anything has",
       {"Llama.RefusesLayersBeyondTheLimit"},
       {"pack/model_blocks_huge", "pack/model_blocks_million"}},
      {"16: token ids and merges of nothing",
       {"ReadVocab.RefusesSpecialIdsOutsideTheVocabulary",
        "BuildTables.RefusesMergesOfAbsentTokens", "BuildTables.RefusesMergesWithoutTwoParts",
        "BuildTables.RefusesTwoTokensOfTheSameText", "OpenTables.MergesThatGoRoundEnd"},
       {"pack/model_bos_outside", "pack/model_bos_negative", "pack/model_merges_absent",
        "pack/model_merges_of_nothing", "pack/model_tokens_twice"}},
      {"17: other versions and byte orders, escapes in the magic",
       {"GgufReader.RejectsVersionZero", "GgufReader.RejectsVersionOne",
        "GgufReader.RejectsFutureVersions", "GgufReader.RejectsBigEndian",
        "GgufReader.RejectsBadMagicWithoutEchoingEscapes"},
       {"gguf/version_0.gguf", "gguf/version_1.gguf", "gguf/version_future.gguf",
        "gguf/big_endian.gguf", "gguf/magic_escapes.gguf"}},
      {"18: tensors that share bytes, a million of them",
       {"GgufReader.RejectsOverlappingTensors",
        "GgufReader.TakesTheLargestTensorCountWithoutQuadraticWork"},
       {"gguf/tensors_alias.gguf", "gguf/tensors_overlap.gguf", "gguf/n_tensors_million.gguf"}},
      {"19: numbers that are none",
       {"Packer.RefusesWeightsAndScalesThatAreNotFinite",
        "CheckFinite.FindsNanAndInfiniteHalvesInEveryBlock",
        "Llama.RefusesRopeBasesThatAreNotPositiveAndFinite"},
       {"pack/model_weights_nan", "pack/model_weights_infinite", "pack/model_scale_nan",
        "pack/model_scale_infinite", "pack/model_rope_base_infinite"}},
      {"20: templates that never end",
       {"HostileTemplate.Row20HugeRangeIsRefusedBeforeItAllocates",
        "HostileTemplate.Row20NestedLoopsRunOutOfSteps",
        "HostileTemplate.Row20StringMultiplicationIsRefusedBeforeItAllocates"},
       {"template/hostile_range_huge.jinja", "template/hostile_loops_nested.jinja",
        "template/hostile_text_times.jinja"}},
      {"21: templates that reach for code",
       {"HostileTemplate.Row21NoWayFromATemplateToCode"},
       {"template/hostile_class_walk.jinja", "template/hostile_globals.jinja",
        "template/hostile_format_field.jinja"}},
      {"22: parts that lead out of the folder",
       {"CheckpointTest.NeverLeavesTheFolder", "SplitName.OtherNamesAreNoParts",
        "SplitTest.RefusesAPartUnderAnotherName", "HostileFolder.WhatLeadsOutOfTheFolderIsRefused"},
       {"safetensors/index_up", "safetensors/index_root", "safetensors/index_below",
        "pack/model_part_under_another_name", "pack/model_part_of_too_many"}},
  };
  return rows;
}

// Every "Suite, Name" of the tests.
std::string AllTests() {
  std::string all;
  for (const char* folder : {"src", "tests/integration"}) {
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
      if (entry.path().string().ends_with("_test.cc"))
        all += testing::ReadWholeFile(entry.path().string());
    }
  }
  return all;
}

TEST(BadInput, EveryWayHasATestAndASeed) {
  if (!std::filesystem::exists("fuzz/corpus")) GTEST_SKIP() << "not run in the project's root";
  EXPECT_EQ(Rows().size(), 22U);
  const std::string all = AllTests();
  for (const Row& row : Rows()) {
    SCOPED_TRACE(row.what);
    EXPECT_FALSE(row.tests.empty() || row.seeds.empty());
    for (const std::string_view test : row.tests) {
      const size_t dot = test.find('.');
      const std::string definition =
          "(" + std::string(test.substr(0, dot)) + ", " + std::string(test.substr(dot + 1)) + ")";
      EXPECT_NE(all.find(definition), std::string::npos) << test;
    }
    for (const std::string_view seed : row.seeds) {
      EXPECT_TRUE(std::filesystem::exists("fuzz/corpus/" + std::string(seed))) << seed;
      const std::string target = "fuzz/" + std::string(seed.substr(0, seed.find('/'))) + "_fuzz.cc";
      EXPECT_TRUE(std::filesystem::exists(target)) << target;
    }
  }
}

}  // namespace
}  // namespace ledge
