// Folders of safetensors through the program: in, run, looked at, out as a GGUF file; and folders
// that are not what they claim.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <limits>

#include "testing/program.h"
#include "testing/safetensors_cases.h"
#include "testing/shared_data.h"
#include "testing/tiny_folder.h"

namespace ledge {
namespace {

using testing::Arguments;
using ::testing::HasSubstr;
using testing::JsonOf;
using testing::Ledge;
using testing::Outcome;
using testing::Refused;
using testing::Succeeded;
using testing::TinyFolder;

std::string Write(const Ledge& ledge, const TinyFolder& folder, const std::string& name = "tiny") {
  std::filesystem::remove_all(ledge.folder() / name);
  for (const auto& [file, contents] : folder.Files()) {
    ledge.folder().Write(name + "/" + file, contents);
  }
  return ledge.folder() / name;
}

std::vector<Arguments> AllWaysToOpen(const std::string& path) {
  return {{"inspect", path}, {"import", path}, {"run", path, "ab", "-n", "2"}, {"tokenize", path}};
}

// The embedding of this one stands under the output's name alone.
TEST(Folder, SaysWhatTheFileThatWasMadeOfItSays) {
  const auto folder = testing::SharedPath("data/models/tinystories-656k");
  if (!folder) GTEST_SKIP() << "needs ../shared/data/models/tinystories-656k, not there";
  const Ledge ledge;
  const auto logits = [&](const std::string& model) {
    return ledge.Run({"logits", model, "--ids", "1,53,200,7,1022", "-n", "8"});
  };
  const Outcome of_folder = logits(*folder);
  ASSERT_TRUE(Succeeded(of_folder));
  EXPECT_EQ(of_folder.out, logits(*folder + "/TinyStories-656K-F32.gguf").out);
}

TEST(Folder, IsAModelWhereverAFileIs) {
  const Ledge ledge;
  const std::string path = Write(ledge, TinyFolder());
  const auto shown = JsonOf(ledge.Run({"inspect", path, "--json"}));
  EXPECT_EQ(shown["metadata"]["general.architecture"], "llama");
  EXPECT_EQ(ledge.Run({"tokenize", path}, {.input = "abc"}).out, "[2,3]\n");
  EXPECT_TRUE(ledge.PackedFiles().empty());
  const Arguments logits = {"logits", path, "--ids", "0,1,2"};
  const Outcome first = ledge.Run(logits);
  ASSERT_TRUE(Succeeded(first));
  EXPECT_EQ(ledge.PackedFiles().size(), 1U);
  EXPECT_TRUE(Succeeded(ledge.Run({"run", path, "--raw", "-n", "2", "ab"})));
  const std::string text = ledge.folder().Write("text.txt", std::string(200, 'a'));
  EXPECT_TRUE(Succeeded(ledge.Run({"eval", path, "--text", text, "--ctx", "32"})));
  EXPECT_EQ(ledge.PackedFiles().size(), 1U) << "packed once";
  ASSERT_TRUE(Succeeded(ledge.Run({"import", path, "--name", "it"})));
  EXPECT_EQ(ledge.PackedFiles().size(), 1U);
  const std::string out = ledge.folder() / "out.gguf";
  ASSERT_TRUE(Succeeded(ledge.Run({"export", "it", "-o", out})));
  EXPECT_TRUE(Succeeded(ledge.Run({"verify"})));
  EXPECT_EQ(ledge.Run({"logits", out, "--ids", "0,1,2"}).out, first.out);
}

TEST(Folder, ShardsAreTheSameModel) {
  const Ledge ledge;
  TinyFolder folder;
  const std::string whole = Write(ledge, folder, "a/tiny");
  nlohmann::json map;
  std::vector<testing::NamedTensor> shards[2];
  for (const testing::NamedTensor& tensor : folder.tensors) {
    const size_t shard = map.size() % 2;
    map[tensor.name] = shard == 0 ? "x-1.safetensors" : "x-2.safetensors";
    shards[shard].push_back(tensor);
  }
  folder.files["x-1.safetensors"] = testing::SafetensorsFile(shards[0]);
  folder.files["x-2.safetensors"] = testing::SafetensorsFile(shards[1]);
  folder.files["model.safetensors.index.json"] = nlohmann::json{{"weight_map", map}}.dump();
  const std::string parts = Write(ledge, folder, "b/tiny");
  std::filesystem::remove(parts + "/model.safetensors");
  const auto first = JsonOf(ledge.Run({"import", whole, "--name", "a", "--json"}));
  const auto second = JsonOf(ledge.Run({"import", parts, "--name", "b", "--json"}));
  EXPECT_EQ(first["source_sha256"], second["source_sha256"]);
  EXPECT_EQ(ledge.PackedFiles().size(), 1U);
  std::filesystem::remove(parts + "/x-2.safetensors");
  EXPECT_TRUE(Refused(ledge.Run({"import", parts, "--name", "c"}), 4));
}

TEST(Folder, IsQuantisedWhereAskedTo) {
  const Ledge ledge;
  const std::string path = Write(ledge, TinyFolder());
  for (const char* type : {"f32", "f16", "bf16", "q8_0", "q4_1", "q4_0"}) {
    SCOPED_TRACE(type);
    ASSERT_TRUE(Succeeded(ledge.Run({"import", path, "--name", type, "--type", type})));
    EXPECT_TRUE(Succeeded(ledge.Run({"logits", type, "--ids", "0,1,2"})));
  }
  const auto shown = JsonOf(ledge.Run({"show", "q8_0", "--json"}));
  EXPECT_EQ(shown.value("type", "?"), "Q8_0");
  const Outcome unknown = ledge.Run({"import", path, "--type", "q4_k_m"});
  EXPECT_TRUE(Refused(unknown, 2));
  EXPECT_THAT(unknown.err, HasSubstr("this build can write F32, F16, Q4_0"));
  const std::string out = ledge.folder() / "out.gguf";
  ASSERT_TRUE(Succeeded(ledge.Run({"export", "f32", "-o", out})));
  EXPECT_TRUE(Refused(ledge.Run({"import", out, "--type", "q8_0"}), 2));
}

TEST(Folder, OfAGoldenModelAnswersLikeItsGgufFile) {
  LEDGE_SHARED_OR_SKIP(folder, "data/golden/qwen3");
  LEDGE_SHARED_OR_SKIP(gguf, "data/golden/qwen3/model-f32.gguf");
  const Ledge ledge;
  const Arguments rest = {"--raw", "-n", "12", "--temperature", "0", "--kv-type", "f32", "--json"};
  const auto answer = [&](const std::string& model) {
    Arguments arguments = {"run", model, "The ship was in the harbour"};
    arguments.insert(arguments.end(), rest.begin(), rest.end());
    return JsonOf(ledge.Run(arguments)).value("ids", nlohmann::json());
  };
  EXPECT_EQ(answer(folder), answer(gguf));
  EXPECT_EQ(answer(folder).size(), 12U);
}

TEST(HostileFolder, BrokenWeightsAreRefusedByEveryCommand) {
  const Ledge ledge;
  for (const auto& broken : testing::BrokenSafetensors()) {
    SCOPED_TRACE(broken.name);
    TinyFolder folder;
    folder.files["model.safetensors"] = broken.bytes;
    const std::string path = Write(ledge, folder);
    for (const Arguments& arguments : AllWaysToOpen(path)) {
      SCOPED_TRACE(arguments[0]);
      const Outcome done = ledge.Run(arguments);
      EXPECT_TRUE(Refused(done, 3));
      EXPECT_EQ(done.out, "");
    }
    EXPECT_TRUE(ledge.Files().empty());
  }
}

TEST(HostileFolder, WhatLeadsOutOfTheFolderIsRefused) {
  const Ledge ledge;
  TinyFolder folder;
  nlohmann::json map;
  for (const testing::NamedTensor& tensor : folder.tensors) {
    map[tensor.name] = "../outside.safetensors";
  }
  ledge.folder().Write("outside.safetensors", testing::SafetensorsFile(folder.tensors));
  folder.files["model.safetensors.index.json"] = nlohmann::json{{"weight_map", map}}.dump();
  const std::string path = Write(ledge, folder);
  for (const Arguments& arguments : AllWaysToOpen(path)) {
    const Outcome done = ledge.Run(arguments);
    EXPECT_TRUE(Refused(done, 3));
    EXPECT_THAT(done.err, HasSubstr("in the same folder"));
  }
  EXPECT_TRUE(ledge.Files().empty());
}

TEST(HostileFolder, NanAndInfiniteWeightsAreRefusedWhilePacking) {
  const Ledge ledge;
  for (const float bad :
       {std::numeric_limits<float>::quiet_NaN(), -std::numeric_limits<float>::infinity()}) {
    for (const char* name : {"model.norm.weight", "model.layers.0.mlp.up_proj.weight"}) {
      TinyFolder folder;
      std::memcpy(folder.Tensor(name).data.data() + 8, &bad, sizeof(bad));
      const std::string path = Write(ledge, folder);
      for (const Arguments& arguments :
           {Arguments{"import", path}, Arguments{"import", path, "--type", "q8_0"}}) {
        EXPECT_TRUE(Refused(ledge.Run(arguments), 3, name));
      }
      EXPECT_TRUE(ledge.PackedFiles().empty());
    }
  }
}

TEST(HostileFolder, PipesAndFoldersInPlaceOfFilesAreRefusedAtOnce) {
  const Ledge ledge;
  for (const char* name : {"config.json", "tokenizer.json", "model.safetensors"}) {
    SCOPED_TRACE(name);
    const std::string path = Write(ledge, TinyFolder());
    std::filesystem::remove(path + "/" + name);
    ASSERT_EQ(::mkfifo((path + "/" + name).c_str(), 0600), 0);
    EXPECT_TRUE(Refused(ledge.Run({"import", path}), 3));
    std::filesystem::remove(path + "/" + name);
    std::filesystem::create_directory(path + "/" + name);
    EXPECT_TRUE(Refused(ledge.Run({"import", path}), 3));
  }
}

}  // namespace
}  // namespace ledge
