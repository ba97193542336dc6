#include "store/import.h"

#include <gtest/gtest.h>

#include "quant/quant.h"
#include "testing/llama_source.h"
#include "testing/packing.h"
#include "testing/result_matchers.h"
#include "testing/tiny_folder.h"

namespace ledge {
namespace {

using fault::FaultOs;
using testing::kSourcePath;
using testing::LlamaSource;

constexpr char kHome[] = "/home/ledge";
const ModelName kName = {"", "tiny", "latest"};

// A machine whose disk holds a runnable model, and a store with nothing in it.
class ImportTest : public ::testing::Test {
 protected:
  ImportTest() { PutSource(LlamaSource()); }

  void PutSource(const LlamaSource& source) {
    source_ = source.Build();
    os_.Put(kSourcePath, testing::AsText(source_));
    os_.Advance(std::chrono::hours(1));  // a settled file
  }
  Store Open() { return Store::Open(os_, kHome).value(); }
  Result<Manifest> Import() {
    return ImportModel(os_, Open(), {.name = kName, .source_path = kSourcePath}, {});
  }

  FaultOs os_;
  std::vector<std::byte> source_;
};

TEST_F(ImportTest, ManifestTellsWhatTheHeaderSays) {
  PutSource(LlamaSource().Text("general.license", "apache-2.0"));
  ASSERT_OK_AND_ASSIGN(const Manifest manifest, Import());
  EXPECT_EQ(manifest.architecture, "llama");
  EXPECT_EQ(manifest.licence, "apache-2.0");
  EXPECT_EQ(manifest.quantisation, "F32");
  EXPECT_EQ(manifest.source_bytes, source_.size());
  EXPECT_EQ(manifest.source_sha256, Sha256Of(source_));
  EXPECT_EQ(manifest.layout_version, kPackLayoutVersion);
  uint64_t values = 0;
  ASSERT_OK_AND_ASSIGN(const auto packed, OpenStored(os_, Open(), manifest));
  for (const PackedTensor& tensor : packed->tensors()) values += tensor.source->values();
  EXPECT_EQ(manifest.parameters, values);
  EXPECT_EQ(manifest.packed_bytes, packed->packed_bytes());
}

TEST_F(ImportTest, WhatCannotRunIsRefusedBeforeTheStoreIsTouched) {
  const std::vector<std::pair<LlamaSource, Code>> refused = {
      {LlamaSource().Text("general.architecture", "mamba"), Code::kUnsupported},
      {LlamaSource().Number<uint32_t>("llama.attention.head_count", 0), Code::kMalformed},
      {LlamaSource().DropTensor("output_norm.weight"), Code::kMalformed},
  };
  for (const auto& [source, code] : refused) {
    PutSource(source);
    os_.ResetCounters();
    const auto before = os_.Files();
    EXPECT_ERROR(Import(), code, kSourcePath);
    EXPECT_ERROR(PackPrivately(os_, kSourcePath, {}), code, kSourcePath);
    EXPECT_EQ(os_.operations(), 0u) << "not even a folder is made";
    EXPECT_EQ(os_.Files(), before);
  }
}

TEST_F(ImportTest, ARefusalLeavesAFilledStoreAsItWas) {
  ASSERT_OK(Import());
  PutSource(LlamaSource().Text("general.architecture", "mamba"));
  const auto before = os_.Files();
  os_.ResetCounters();
  EXPECT_ERROR(Import(), Code::kUnsupported, "mamba");
  EXPECT_EQ(os_.operations(), 0u);
  EXPECT_EQ(os_.Files(), before);
}

TEST_F(ImportTest, ASourceReplacedAfterTheLookAtItIsNotImported) {
  // The source is another file by the time that the store looks at it: at the first question
  // whether to go on, which comes with the reading of the header.
  const std::vector<std::byte> other = LlamaSource().Text("general.name", "Other").Build();
  bool replaced = false;
  const Progress replace = [&](uint64_t, uint64_t) {
    if (!replaced) os_.Put(kSourcePath, testing::AsText(other));
    replaced = true;
    return true;
  };
  EXPECT_ERROR(ImportModel(os_, Open(), {.name = kName, .source_path = kSourcePath}, replace),
               Code::kIo, "changed while it was packed");
  EXPECT_TRUE(Open().List()->models.empty());
  EXPECT_FALSE(Open().KnownDigest(kSourcePath));
}

TEST_F(ImportTest, ASecondImportSharesThePackedFile) {
  ASSERT_OK_AND_ASSIGN(const Manifest first, Import());
  const ModelName other = {"", "other", "latest"};
  ASSERT_OK_AND_ASSIGN(const Manifest second,
                       ImportModel(os_, Open(), {.name = other, .source_path = kSourcePath}, {}));
  EXPECT_EQ(second.PackedFile(), first.PackedFile());
  EXPECT_EQ(Open().BytesUsed().value(), first.packed_bytes);
}

TEST_F(ImportTest, StopsWhereProgressSaysSo) {
  const auto stop = [](uint64_t, uint64_t) { return false; };
  EXPECT_ERROR(ImportModel(os_, Open(), {.name = kName, .source_path = kSourcePath}, stop),
               Code::kInterrupted, "stopped");
  EXPECT_EQ(os_.Files().size(), 1u) << "the source alone";
}

TEST_F(ImportTest, PackedPrivatelyItIsTheSameModelAndNothingIsStored) {
  os_.ResetCounters();
  ASSERT_OK_AND_ASSIGN(const auto packed, PackPrivately(os_, kSourcePath, {}));
  EXPECT_EQ(packed->source_digest(), Sha256Of(source_));
  EXPECT_OK(packed->Verify({}));
  EXPECT_EQ(os_.operations(), 0u);
}

TEST_F(ImportTest, ExportGivesTheSourceBack) {
  ASSERT_OK(Import());
  ASSERT_OK(ExportStored(os_, Open(), kName, "/out.gguf", {}));
  EXPECT_EQ(os_.Files()["/out.gguf"], testing::AsText(source_));
  EXPECT_ERROR(ExportStored(os_, Open(), {"", "no", "latest"}, "/no.gguf", {}), Code::kNotFound,
               "no");
}

TEST_F(ImportTest, VerifyFindsAChangedByteAndAForeignFile) {
  ASSERT_OK_AND_ASSIGN(const Manifest manifest, Import());
  const std::string path = Open().PackedPath(manifest);
  EXPECT_OK(VerifyStored(os_, Open(), kName, {}));
  const std::string good = os_.Files()[path];
  std::string bad = good;
  bad[bad.size() / 2] = static_cast<char>(bad[bad.size() / 2] ^ 1);
  os_.Put(path, bad);
  EXPECT_ERROR(VerifyStored(os_, Open(), kName, {}), Code::kVerification, "");
  os_.Put(path, good);
  EXPECT_OK(VerifyStored(os_, Open(), kName, {}));

  // Whole, and of the right size, but another model's.
  std::vector<std::byte> other = LlamaSource().Text("general.name", "Tiny").Build();
  other.back() = static_cast<std::byte>(std::to_integer<int>(other.back()) ^ 1);
  ASSERT_OK_AND_ASSIGN(const auto foreign, testing::PackedFileOf(other));
  os_.Put(path, testing::AsText(foreign));
  EXPECT_ERROR(VerifyStored(os_, Open(), kName, {}), Code::kVerification, "was packed from");
}

class ImportFolderTest : public ::testing::Test {
 protected:
  ImportFolderTest() { PutFolder(); }

  void PutFolder() {
    folder_.Put(os_, kFolder);
    os_.Advance(std::chrono::hours(1));  // settled files
  }
  Store Open() { return Store::Open(os_, kHome).value(); }
  Result<Manifest> Import(const FolderOptions& options = {}) {
    return ImportModel(os_, Open(), {.name = kName, .source_path = kFolder}, {}, options);
  }

  static constexpr char kFolder[] = "/models/tiny";
  FaultOs os_;
  testing::TinyFolder folder_;
};

TEST_F(ImportFolderTest, ExportGivesAGgufFileThatImportsToTheSame) {
  ASSERT_OK_AND_ASSIGN(const Manifest manifest, Import());
  EXPECT_EQ(manifest.architecture, "llama");
  EXPECT_EQ(manifest.source_file, "tiny");
  EXPECT_OK(VerifyStored(os_, Open(), kName, {}));
  ASSERT_OK(ExportStored(os_, Open(), kName, "/out.gguf", {}));
  EXPECT_EQ(Sha256Of(os_.Files()["/out.gguf"]), manifest.source_sha256);
  ASSERT_OK_AND_ASSIGN(
      const Manifest again,
      ImportModel(os_, Open(), {.name = {"", "out", "latest"}, .source_path = "/out.gguf"}, {}));
  EXPECT_EQ(again.PackedFile(), manifest.PackedFile());
}

TEST_F(ImportFolderTest, AnUnchangedFolderIsKnownAndAChangedOneIsNot) {
  EXPECT_FALSE(KnownSource(os_, Open(), kFolder));
  ASSERT_OK_AND_ASSIGN(const Manifest manifest, Import());
  EXPECT_EQ(KnownSource(os_, Open(), kFolder), manifest.source_sha256);
  EXPECT_FALSE(KnownSource(os_, Open(), kFolder, {.type = TensorType::kQ8_0}));
  folder_.config["rope_theta"] = 20000.0;
  PutFolder();
  EXPECT_FALSE(KnownSource(os_, Open(), kFolder));
  ASSERT_OK_AND_ASSIGN(const Manifest other, Import());
  EXPECT_NE(other.source_sha256, manifest.source_sha256);
}

TEST_F(ImportFolderTest, QuantisesOnTheWayWhereAskedTo) {
  ASSERT_OK_AND_ASSIGN(const Manifest plain, Import());
  EXPECT_EQ(plain.quantisation, "F32");
  ASSERT_OK_AND_ASSIGN(const Manifest manifest, Import({.type = TensorType::kQ8_0}));
  EXPECT_EQ(manifest.quantisation, "Q8_0");
  EXPECT_LT(manifest.source_bytes, plain.source_bytes);
  os_.Put(kSourcePath, testing::AsText(LlamaSource().Build()));
  EXPECT_ERROR(ImportModel(os_, Open(), {.name = kName, .source_path = kSourcePath}, {},
                           {.type = TensorType::kQ8_0}),
               Code::kUsage, "is a GGUF file, whose weights stay as they are");
}

TEST_F(ImportFolderTest, WhatCannotRunIsRefusedBeforeTheStoreIsTouched) {
  const std::vector<std::pair<const char*, std::function<void()>>> refused = {
      {"architectures", [&] { folder_.config["architectures"] = {"OtherForCausalLM"}; }},
      {"blk.0.attn_v.weight",
       [&] { folder_.Tensor("model.layers.0.self_attn.v_proj.weight").shape = {32, 16}; }},
      {"vocabulary",
       [&] {
         folder_ = {};
         folder_.files["generation_config.json"] = "{\"eos_token_id\":-1}";
       }},
  };
  for (const auto& [words, change] : refused) {
    change();
    PutFolder();
    os_.ResetCounters();
    const auto manifest = Import();
    ASSERT_FALSE(manifest.ok()) << words;
    EXPECT_EQ(ExitStatus(manifest.error().code), 3) << manifest.error().message;
    EXPECT_EQ(os_.operations(), 0U);
  }
}

TEST_F(ImportFolderTest, WeightsThatChangeMeanwhileAreNotImported) {
  bool changed = false;
  const Progress change = [&](uint64_t, uint64_t) {
    if (!std::exchange(changed, true)) {
      folder_.Tensor("model.norm.weight").data[0] ^= 1;
      folder_.Put(os_, kFolder);
    }
    return true;
  };
  EXPECT_FALSE(ImportModel(os_, Open(), {.name = kName, .source_path = kFolder}, change).ok() &&
               KnownSource(os_, Open(), kFolder))
      << "what the folder holds now is not what was packed";
}

}  // namespace
}  // namespace ledge
