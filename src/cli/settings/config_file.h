// ledge.toml as text: a flat list of what it sets, each with its line. What the keys mean is the
// business of cli/settings/settings.h.
//
//   threads = 4                # for every command that has --threads
//   [run]                      # for one command
//   temperature = 0.2
//   stop = ["###", "User:"]
//
// Source: TOML 1.0 (toml.io), read by toml++. The text is hostile: its size is limited, and so are
// the dots and brackets that nest, since the parser recurses over what they make.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace ledge {

inline constexpr uint64_t kMaxConfigBytes = 64 * 1024;
inline constexpr size_t kMaxConfigNesting = 1000;  // dots, brackets and braces outside of texts

enum class ConfigType { kTrueOrFalse, kWhole, kNumber, kText, kList, kTable, kOther };

struct ConfigValue {
  std::string table;  // "run"; empty above the first table
  std::string key;
  ConfigType type = ConfigType::kOther;
  std::vector<std::string> texts;  // one, or a list's; empty for kTable and kOther
  std::vector<ConfigType> types;   // of a list's texts
  uint32_t line = 0;
};

struct ConfigFile {
  std::string path;
  std::vector<ConfigValue> values;  // in the order of their lines
};

// kMalformed with path and line if it is no TOML, or over the limits.
Result<ConfigFile> ParseConfigFile(std::string_view text, const std::string& path);

// "a text", "a list": for messages.
std::string_view ConfigTypeName(ConfigType type);

}  // namespace ledge
