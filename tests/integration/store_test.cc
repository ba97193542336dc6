// The store through the program: in, out, together, interrupted, damaged.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>

#include "testing/llama_source.h"
#include "testing/packing.h"
#include "testing/program.h"
#include "testing/shared_data.h"

namespace ledge {
namespace {

using testing::Arguments;
using testing::AsText;
using testing::Failed;
using ::testing::HasSubstr;
using testing::JsonOf;
using testing::Ledge;
using testing::LlamaSource;
using testing::Outcome;
using testing::ReadWholeFile;
using testing::Refused;
using testing::Succeeded;

std::string WriteModel(const Ledge& ledge) {
  return ledge.folder().Write("tiny.gguf", AsText(LlamaSource().Build()));
}

// Big enough for packing to take a while.
std::string SynthModel(const Ledge& ledge) {
  const std::string path = ledge.folder() / "synth.gguf";
  EXPECT_TRUE(Succeeded(ledge.Run({"synth", "--shape", "160m", "--type", "q4_0", "-o", path})));
  return path;
}

// The packed file and the manifest of 'it' as an older build left them. Gives the newer file's
// path.
std::string MakeOld(const Ledge& ledge, uint32_t layout) {
  const std::string path = ledge.PackedFiles().at(0);
  const std::string packed = ReadWholeFile(path);
  const auto bytes = std::as_bytes(std::span(packed));
  const std::string file = fmt::format(
      "{}-v{}.ledge", std::filesystem::path(path.substr(0, path.rfind("-v"))).filename().string(),
      layout);
  ledge.folder().Write("home/models/" + file,
                       AsText(testing::AsOlderLayout({bytes.begin(), bytes.end()}, layout)));
  std::filesystem::remove(path);
  auto manifest =
      nlohmann::ordered_json::parse(ReadWholeFile(ledge.home() + "/names/it@latest.json"));
  manifest["layout_version"] = layout;
  manifest["packed_file"] = file;
  ledge.folder().Write("home/names/it@latest.json", manifest.dump());
  return path;
}

class OlderStore : public ::testing::TestWithParam<uint32_t> {};

TEST_P(OlderStore, IsPackedAgainFromItsOwnBytesWhenItRuns) {
  const Ledge ledge;
  const std::string source = WriteModel(ledge);
  ASSERT_TRUE(Succeeded(ledge.Run({"import", source, "--name", "it"})));
  const Arguments compute = {"logits", "it", "--ids", "1,5,7", "--json"};
  const Arguments tokenize = {"tokenize", "it"};
  const std::string logits = ledge.Run(compute).out;
  const std::string ids = ledge.Run(tokenize, {.input = "abacus"}).out;
  const std::string contents = ReadWholeFile(source);
  const std::string path = MakeOld(ledge, GetParam());
  std::filesystem::remove(source);
  const std::string out = ledge.folder() / "out.gguf";
  EXPECT_TRUE(Succeeded(ledge.Run({"verify", "it"})));
  EXPECT_TRUE(Succeeded(ledge.Run({"inspect", "it"})));
  EXPECT_TRUE(Succeeded(ledge.Run({"export", "it", "-o", out})));
  EXPECT_TRUE(ReadWholeFile(out) == contents);
  EXPECT_EQ(ledge.Run(tokenize, {.input = "abacus"}).out, ids);
  EXPECT_FALSE(std::filesystem::exists(path)) << "none of these needs another layout";
  EXPECT_EQ(ledge.Run(compute).out, logits);
  EXPECT_EQ(ledge.PackedFiles(), std::vector<std::string>{path});
  EXPECT_EQ(ledge.Run(compute).out, logits);
}

INSTANTIATE_TEST_SUITE_P(All, OlderStore,
                         ::testing::Range(kOldestPackLayoutVersion, kPackLayoutVersion),
                         [](const auto& test) { return fmt::format("Version{}", test.param); });

class StoredFile : public ::testing::TestWithParam<const char*> {};

TEST_P(StoredFile, ComesBackBitForBit) {
  LEDGE_SHARED_OR_SKIP(path, std::string("data/") + GetParam());
  const Ledge ledge;
  ASSERT_TRUE(Succeeded(ledge.Run({"import", path, "--name", "it"})));
  ASSERT_TRUE(Succeeded(ledge.Run({"verify", "it"})));
  const std::string out = ledge.folder() / "out.gguf";
  const Outcome exported = ledge.Run({"export", "it", "-o", out, "--json"});
  ASSERT_TRUE(Succeeded(exported));
  const std::string source = ReadWholeFile(path);
  EXPECT_TRUE(ReadWholeFile(out) == source);
  const auto shown = JsonOf(ledge.Run({"show", "it", "--json"}));
  EXPECT_EQ(JsonOf(exported).value("sha256", "?"), shown.value("source_sha256", ""));
  EXPECT_EQ(shown.value("source_sha256", ""), Sha256Of(source).ToHex());
  EXPECT_EQ(shown.value("source_bytes", 0U), source.size());
}

INSTANTIATE_TEST_SUITE_P(Shared, StoredFile,
                         ::testing::Values("models/stories260K.gguf", "models/llama2xs.gguf",
                                           "models/quant/TinyStories-656K-Q4_0.gguf",
                                           "models/quant/TinyStories-656K-Q4_1.gguf",
                                           "models/quant/TinyStories-656K-Q8_0.gguf",
                                           "models/quant/TinyStories-656K-F16.gguf",
                                           "models/quant/stories260K-BF16.gguf",
                                           "models/quant/TinyStories-656K-pad256-Q4_K_S.gguf",
                                           "models/quant/TinyStories-656K-pad256-Q6_K.gguf",
                                           "golden/llama/model-f32.gguf",
                                           "golden/llama/model-q8_0.gguf"),
                         [](const auto& test) {
                           std::string name = test.param;
                           for (char& c : name) {
                             if (std::isalnum(static_cast<unsigned char>(c)) == 0) c = '_';
                           }
                           return name;
                         });

TEST(Store, ListsShowsAndRemoves) {
  const Ledge ledge;
  const std::string model = WriteModel(ledge);
  EXPECT_EQ(ledge.Run({"list", "--json"}).out, "[]\n");
  const Outcome imported = ledge.Run({"import", model, "--name", "tiny", "--json"});
  ASSERT_TRUE(Succeeded(imported));
  const auto list = JsonOf(ledge.Run({"list", "--json"}));
  ASSERT_EQ(list.size(), 1U);
  EXPECT_EQ(list[0], JsonOf(imported));
  EXPECT_EQ(list[0], JsonOf(ledge.Run({"show", "tiny", "--json"})));
  EXPECT_EQ(list[0].value("architecture", ""), "llama");
  EXPECT_TRUE(Succeeded(ledge.Run({"rm", "tiny"})));
  EXPECT_EQ(ledge.Run({"list", "--json"}).out, "[]\n");
  EXPECT_TRUE(Refused(ledge.Run({"rm", "tiny"}), 4));
  EXPECT_TRUE(ledge.PackedFiles().empty());
}

TEST(Store, PacksTheSameContentsOnce) {
  const Ledge ledge;
  const std::string model = WriteModel(ledge);
  ASSERT_TRUE(Succeeded(ledge.Run({"import", model, "--name", "one"})));
  ASSERT_EQ(ledge.PackedFiles().size(), 1U);
  const auto written = std::filesystem::last_write_time(ledge.PackedFiles()[0]);
  ASSERT_TRUE(Succeeded(ledge.Run({"import", model, "--name", "one"})));
  const std::string copy = ledge.folder().Write("copy.gguf", ReadWholeFile(model));
  ASSERT_TRUE(Succeeded(ledge.Run({"import", copy, "--name", "two"})));
  ASSERT_TRUE(Succeeded(ledge.Run({"run", copy, "--raw", "-n", "1", "a"})));
  ASSERT_EQ(ledge.PackedFiles().size(), 1U);
  EXPECT_EQ(std::filesystem::last_write_time(ledge.PackedFiles()[0]), written);
  EXPECT_TRUE(Succeeded(ledge.Run({"rm", "one"})));
  EXPECT_TRUE(Succeeded(ledge.Run({"verify", "two"})));
  for (const auto& entry : JsonOf(ledge.Run({"list", "--json"}))) {
    EXPECT_TRUE(Succeeded(ledge.Run({"rm", entry.value("name", "")})));
  }
  EXPECT_TRUE(ledge.PackedFiles().empty());
}

TEST(Store, RunsAPathOnceAndForgetsItOnRequest) {
  const Ledge ledge;
  const std::string model = WriteModel(ledge);
  ASSERT_TRUE(Succeeded(ledge.Run({"run", model, "--no-store", "--raw", "-n", "1", "a"})));
  EXPECT_TRUE(ledge.PackedFiles().empty());
  ASSERT_TRUE(Succeeded(ledge.Run({"run", model, "--raw", "-n", "1", "a"})));
  EXPECT_EQ(ledge.PackedFiles().size(), 1U);
  ASSERT_TRUE(Succeeded(ledge.Run({"rm", "run/tiny"})));
  EXPECT_TRUE(ledge.PackedFiles().empty());
}

TEST(Store, TakesTheSameFileFromManyProcessesAtOnce) {
  const Ledge ledge;
  const std::string model = SynthModel(ledge);
  std::vector<std::unique_ptr<testing::Child>> children;
  for (const char* name : {"a", "b", "c", "c"})
    children.push_back(ledge.Start({"import", model, "--name", name}));
  for (const auto& child : children) EXPECT_TRUE(Succeeded(child->Wait()));
  EXPECT_EQ(ledge.PackedFiles().size(), 1U);
  EXPECT_EQ(JsonOf(ledge.Run({"list", "--json"})).size(), 3U);
  EXPECT_TRUE(Succeeded(ledge.Run({"verify", "a"})));
  EXPECT_EQ(
      JsonOf(ledge.Run({"gc", "--dry-run", "--json"})).value("removed", nlohmann::json()).size(),
      0U);
}

bool HasTemporaryFiles(const Ledge& ledge) {
  for (const auto& entry : std::filesystem::recursive_directory_iterator(ledge.home())) {
    if (entry.path().string().ends_with(kTemporarySuffix)) return true;
  }
  return false;
}

TEST(Store, SurvivesKilledImports) {
  const Ledge ledge;
  const std::string model = SynthModel(ledge);
  ASSERT_TRUE(Succeeded(ledge.Run({"import", WriteModel(ledge), "--name", "old"})));
  std::mt19937 random(7);
  int killed = 0;
  for (int i = 0; i < 10; ++i) {
    const auto child = ledge.Start({"import", model, "--name", "new"});
    ::usleep(static_cast<useconds_t>(random() % 400'000));
    child->Signal(SIGKILL);
    const Outcome done = child->Wait();
    killed += done.signal == SIGKILL ? 1 : 0;
    const auto list = JsonOf(ledge.Run({"list", "--json"}));
    for (const auto& entry : list)
      EXPECT_TRUE(Succeeded(ledge.Run({"verify", entry.value("name", "")})));
    EXPECT_GE(list.size(), 1U);
    const auto before = ledge.Run({"gc", "--dry-run"});
    EXPECT_TRUE(Succeeded(before));
    EXPECT_TRUE(Succeeded(ledge.Run({"gc"})));
    EXPECT_FALSE(HasTemporaryFiles(ledge));
    EXPECT_EQ(ledge.PackedFiles().size(), list.size());
    if (list.size() == 2) {
      EXPECT_TRUE(Succeeded(ledge.Run({"rm", "new"})));
    }
  }
  EXPECT_GT(killed, 0);
  EXPECT_TRUE(Succeeded(ledge.Run({"import", model, "--name", "new"})));
  EXPECT_TRUE(Succeeded(ledge.Run({"verify"})));
}

TEST(Store, IsAsBeforeAnInterruptedImport) {
  const Ledge ledge;
  const std::string model = SynthModel(ledge);
  for (const int signal : {SIGINT, SIGTERM}) {
    const auto child = ledge.Start({"import", model, "--name", "new"});
    // Once the store is touched, the program has long said what signals mean.
    const auto untouched = [&] {
      return std::ranges::all_of(
          ledge.Files(), [](const auto& file) { return file.first.starts_with("stamps/"); });
    };
    for (int i = 0; i < 500 && untouched(); ++i) ::usleep(10'000);
    child->Signal(signal);
    const Outcome done = child->Wait();
    if (done.status == 0) {
      EXPECT_TRUE(Succeeded(ledge.Run({"rm", "new"})));
    } else {
      EXPECT_TRUE(Failed(done, 130));
    }
    for (const auto& [file, contents] : ledge.Files())
      EXPECT_TRUE(file.starts_with("stamps/")) << file;
  }
}

TEST(Store, ExportReplacesWholeOrNotAtAll) {
  const Ledge ledge;
  ASSERT_TRUE(Succeeded(ledge.Run({"import", WriteModel(ledge), "--name", "tiny"})));
  EXPECT_TRUE(Refused(ledge.Run({"export", "tiny", "-o", ledge.folder() / "no/such/folder/x"}), 4));
  const std::string packed = ledge.PackedFiles().at(0);
  std::string bytes = ReadWholeFile(packed);
  bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 0x10);
  std::ofstream(packed, std::ios::binary) << bytes;
  const std::string out = ledge.folder().Write("out.gguf", "what was there");
  EXPECT_TRUE(Refused(ledge.Run({"export", "tiny", "-o", out}), 6));
  EXPECT_EQ(ReadWholeFile(out), "what was there");
}

TEST(DamagedPackedFile, IsFoundByVerifyAndNeverCrashes) {
  const Ledge ledge;
  ASSERT_TRUE(Succeeded(ledge.Run({"import", WriteModel(ledge), "--name", "tiny"})));
  const std::string packed = ledge.PackedFiles().at(0);
  const std::string whole = ReadWholeFile(packed);
  std::mt19937 random(11);
  for (int i = 0; i < 64; ++i) {
    // The header's fields one by one, then anywhere.
    const size_t at =
        i < 32 ? static_cast<size_t>(i) * 8 + random() % 8 : 256 + random() % (whole.size() - 256);
    SCOPED_TRACE(at);
    std::string bytes = whole;
    bytes[at] = static_cast<char>(bytes[at] ^ (1 << random() % 8));
    std::ofstream(packed, std::ios::binary) << bytes;
    const Outcome verified = ledge.Run({"verify", "tiny", "--json"});
    EXPECT_TRUE(Refused(verified, 6) || Refused(verified, 3)) << Shown(verified);
    const Outcome done = ledge.Run({"run", "tiny", "--raw", "-n", "2", "ab"});
    EXPECT_TRUE(done.status == 0 || Refused(done, 3) || Refused(done, 6)) << Shown(done);
  }
}

TEST(DamagedPackedFile, CutShortIsRefused) {
  const Ledge ledge;
  ASSERT_TRUE(Succeeded(ledge.Run({"import", WriteModel(ledge), "--name", "tiny"})));
  const std::string packed = ledge.PackedFiles().at(0);
  const std::string whole = ReadWholeFile(packed);
  for (const size_t size :
       {size_t{0}, size_t{7}, size_t{255}, size_t{256}, whole.size() / 2, whole.size() - 1}) {
    std::ofstream(packed, std::ios::binary) << whole.substr(0, size);
    for (const char* command : {"run", "verify", "tokenize", "inspect"}) {
      const Outcome done = ledge.Run({command, "tiny"}, {.input = "ab"});
      EXPECT_TRUE(Refused(done, 3) || Refused(done, 6)) << command << " " << size;
    }
  }
}

TEST(DamagedPackedFile, CutWhileAnotherProcessRunsItEndsInAMessage) {
  const Ledge ledge;
  ASSERT_TRUE(Succeeded(ledge.Run({"import", SynthModel(ledge), "--name", "synth"})));
  const auto child =
      ledge.Start({"bench", "synth", "-p", "8", "-n", "4", "--minutes", "1", "--threads", "1"},
                  {.limit_seconds = 40});
  ::usleep(700'000);
  std::filesystem::resize_file(ledge.PackedFiles().at(0), 4096);
  const Outcome done = child->Wait();
  EXPECT_NE(done.status, 0);
  EXPECT_TRUE(Failed(done, done.status));
}

TEST(DamagedManifest, IsListedAsSuchAndCanBeRemoved) {
  const Ledge ledge;
  ASSERT_TRUE(Succeeded(ledge.Run({"import", WriteModel(ledge), "--name", "tiny"})));
  const std::string manifest = ledge.home() + "/names/tiny@latest.json";
  const std::string whole = ReadWholeFile(manifest);
  for (const std::string& contents :
       {std::string(), std::string("{"), std::string("[]"), std::string(1 << 20, '['),
        whole.substr(0, whole.size() / 2), std::string("\xff\xfe")}) {
    std::ofstream(manifest, std::ios::binary) << contents;
    const Outcome list = ledge.Run({"list", "--json"});
    EXPECT_TRUE(Succeeded(list));
    EXPECT_EQ(list.out, "[]\n");
    EXPECT_THAT(list.err, HasSubstr("warning"));
    const Outcome done = ledge.Run({"run", "tiny", "hi"});
    EXPECT_TRUE(Refused(done, 3) || Refused(done, 6)) << Shown(done);
  }
  EXPECT_TRUE(Succeeded(ledge.Run({"rm", "tiny"})));
  EXPECT_EQ(ledge.Run({"list"}).out, "");
}

}  // namespace
}  // namespace ledge
