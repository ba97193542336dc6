// The JSON files of a Hugging Face folder that hold settings (config.json, generation_config.json,
// the shards' index), read as hostile: bounded bytes and depth, every field with its type, and
// messages that name file, field, value, and what would be right.
//
//   LEDGE_TRY(const HfConfig config, HfConfig::Parse(text, "llama/config.json"));
//   LEDGE_TRY(const uint64_t layers, config.Count("num_hidden_layers"));
//   if (const auto scaling = config.Object("rope_scaling")) ...      // a view, shares the tree
//
// A field that is null counts as missing, as transformers takes it. Immutable; copies share the
// tree; may be read from any thread.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace ledge {

inline constexpr uint64_t kMaxHfConfigBytes = 16 << 20;
inline constexpr int kMaxHfConfigDepth = 32;
inline constexpr uint64_t kMaxHfCount = UINT32_MAX;  // of whole numbers
inline constexpr uint64_t kMaxHfListEntries = 1 << 16;

class HfConfig {
 public:
  // `file`: how errors name it. kMalformed if `text` is no JSON object within the limits above.
  static Result<HfConfig> Parse(std::string_view text, std::string_view file);
  // Without any field, for a file that need not be there.
  static HfConfig None(std::string_view file);

  const std::string& file() const { return file_; }
  bool has(std::string_view field) const;

  // Whole numbers from 0 to kMaxHfCount. kMalformed if the field is missing and there is no
  // fallback, or of another type or range; so with all below.
  Result<uint64_t> Count(std::string_view field) const;
  Result<uint64_t> Count(std::string_view field, uint64_t fallback) const;
  Result<double> Number(std::string_view field) const;  // finite
  Result<double> Number(std::string_view field, double fallback) const;
  Result<bool> Bool(std::string_view field, bool fallback) const;
  Result<std::string> Text(std::string_view field, std::string_view fallback) const;
  // A list, or a single one of its elements; empty if the field is missing.
  Result<std::vector<uint64_t>> Counts(std::string_view field) const;
  Result<std::vector<double>> Numbers(std::string_view field) const;
  Result<std::vector<std::string>> Texts(std::string_view field) const;
  // Nothing if the field is missing; kMalformed if it is no object.
  Result<std::optional<HfConfig>> Object(std::string_view field) const;
  // Calls visit(name, text) for every field, in the order of their names, until it fails.
  // kMalformed for a field that is no text.
  Result<void> EachText(
      const std::function<Result<void>(std::string_view name, std::string_view text)>& visit) const;

  // kMalformed: "FILE: FIELD PROBLEM".
  Error Malformed(std::string_view field, std::string_view problem) const;
  Error Unsupported(std::string_view field, std::string_view problem) const;

 private:
  struct Node;  // a JSON value
  HfConfig(std::shared_ptr<const Node> root, std::string file, std::string prefix)
      : node_(std::move(root)), file_(std::move(file)), prefix_(std::move(prefix)) {}
  std::string Name(std::string_view field) const { return prefix_ + std::string(field); }

  std::shared_ptr<const Node> node_;
  std::string file_;
  std::string prefix_;  // of fields in messages: "rope_scaling."
};

}  // namespace ledge
