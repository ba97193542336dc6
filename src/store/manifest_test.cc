#include "store/manifest.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "testing/result_matchers.h"

namespace ledge {
namespace {

using nlohmann::json;

const ModelName kName = {"org", "name", "tag"};

Manifest Example() {
  Manifest manifest;
  manifest.name = kName;
  manifest.source_file = "name.gguf";
  manifest.source_sha256 = Sha256Of("source");
  manifest.source_bytes = UINT64_MAX;
  manifest.source_stamp = FileStamp{1, 2, 3, -4, INT64_MAX};
  manifest.architecture = "llama";
  manifest.parameters = 7'000'000'000;
  manifest.quantisation = "q4_0";
  manifest.licence = "Apache-2.0";
  manifest.layout_version = 3;
  manifest.packed_bytes = 42;
  manifest.created_unix = 1'769'860'800;
  manifest.origin = Origin::kPull;
  return manifest;
}

Result<Manifest> Parse(const json& document) {
  return ManifestFromJson(document.dump(), kName, "names/x.json");
}

TEST(Manifest, ComesBackFromJson) {
  Manifest manifest = Example();
  EXPECT_EQ(ManifestFromJson(ManifestToJson(manifest), kName, "p").value(), manifest);
  manifest.source_stamp.reset();
  EXPECT_EQ(ManifestFromJson(ManifestToJson(manifest), kName, "p").value(), manifest);
}

TEST(Manifest, JsonIsReadable) {
  const json document = json::parse(ManifestToJson(Example()));
  EXPECT_EQ(document["name"], "org/name:tag");
  EXPECT_EQ(document["created"], "2026-01-31T12:00:00Z");
  EXPECT_EQ(document["origin"], "pull");
  EXPECT_EQ(document["packed_file"], Sha256Of("source").ToHex() + "-v3.ledge");
}

TEST(Manifest, HostileTextIsMadeHarmless) {
  Manifest manifest = Example();
  manifest.licence = "\xff\xfe" + std::string(5000, 'x');
  manifest.architecture = std::string(kMaxManifestText - 1, 'a') + "\xC3\xA9";
  const auto back = ManifestFromJson(ManifestToJson(manifest), kName, "p");
  ASSERT_OK(back);
  EXPECT_LE(back->licence.size(), kMaxManifestText + 8);
  EXPECT_EQ(back->architecture, std::string(kMaxManifestText - 1, 'a'));
  EXPECT_LE(ManifestToJson(manifest).size(), kMaxManifestBytes);
}

TEST(Manifest, EveryFieldIsNeededAndTyped) {
  const json good = json::parse(ManifestToJson(Example()));
  ASSERT_OK(Parse(good));
  for (const auto& [key, value] : good.items()) {
    if (key == "name") continue;  // the file's name is the name
    json missing = good;
    missing.erase(key);
    if (key != "source_stamp") {
      EXPECT_ERROR(Parse(missing), Code::kMalformed, key);
    }
    for (const json& wrong : {json(nullptr), json(-1), json(1.5), json::array(), json::object()}) {
      json changed = good;
      changed[key] = wrong;
      EXPECT_ERROR(Parse(changed), Code::kMalformed, "names/x.json") << changed.dump();
    }
  }
}

TEST(Manifest, CannotNameAFileOutsideTheStore) {
  json document = json::parse(ManifestToJson(Example()));
  for (const char* file : {"../../etc/passwd", "/etc/passwd", "", "x.ledge"}) {
    document["packed_file"] = file;
    EXPECT_ERROR(Parse(document), Code::kMalformed, "packed_file");
  }
}

TEST(Manifest, NewerFormatIsUnsupported) {
  json document = json::parse(ManifestToJson(Example()));
  document["format"] = 2;
  EXPECT_ERROR(Parse(document), Code::kUnsupported, "newer ledge");
}

TEST(Manifest, WhatIsNoJsonIsMalformed) {
  for (const std::string& text :
       {std::string(), std::string("{"), std::string("[]"), std::string("null"),
        std::string("\0\0", 2), std::string(60000, '['), std::string(4096, '\0')}) {
    EXPECT_ERROR(ManifestFromJson(text, kName, "p"), Code::kMalformed, "not a JSON object");
  }
}

TEST(PackedFileName, IsRecognised) {
  const std::string file = PackedFileName(Sha256Of("x"), 12);
  EXPECT_TRUE(IsPackedFileName(file));
  EXPECT_TRUE(IsPackedFileName(PackedFileName(Sha256Of("x"), UINT32_MAX)));
  for (const std::string& other :
       {std::string(), file + "x", file.substr(1), "." + file + ".0.ledge-tmp", file.substr(0, 64),
        file.substr(0, 66) + ".ledge", file.substr(0, 66) + "a.ledge", std::string("../") + file}) {
    EXPECT_FALSE(IsPackedFileName(other)) << other;
  }
}

}  // namespace
}  // namespace ledge
