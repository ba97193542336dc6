#include "cli/settings/config_file.h"

#define TOML_HEADER_ONLY 1
#define TOML_EXCEPTIONS 0
#include <toml++/toml.h>

#include <algorithm>

#include "cli/settings/toml_nesting.h"

namespace ledge {
namespace {

// A scalar as text; kOther for dates and times.
ConfigType ReadScalar(const toml::node& node, std::string& text) {
  if (const auto* value = node.as_boolean()) {
    text = value->get() ? "true" : "false";
    return ConfigType::kTrueOrFalse;
  }
  if (const auto* value = node.as_integer()) {
    text = std::to_string(value->get());
    return ConfigType::kWhole;
  }
  if (const auto* value = node.as_floating_point()) {
    text = fmt::format("{}", value->get());
    return ConfigType::kNumber;
  }
  if (const auto* value = node.as_string()) {
    text = value->get();
    return ConfigType::kText;
  }
  return ConfigType::kOther;
}

ConfigValue ReadValue(std::string table, std::string_view key, const toml::node& node) {
  ConfigValue value{.table = std::move(table), .key = std::string(key)};
  value.line = static_cast<uint32_t>(node.source().begin.line);
  if (node.is_table()) {
    value.type = ConfigType::kTable;
    return value;
  }
  if (const toml::array* list = node.as_array()) {
    value.type = ConfigType::kList;
    for (const toml::node& item : *list) {
      std::string text;
      value.types.push_back(ReadScalar(item, text));
      value.texts.push_back(std::move(text));
    }
    return value;
  }
  std::string text;
  value.type = ReadScalar(node, text);
  value.texts.push_back(std::move(text));
  return value;
}

// "Error while parsing value: ..." -> "...".
std::string_view ShortReason(std::string_view reason) {
  if (!reason.starts_with("Error while parsing ")) return reason;
  const size_t colon = reason.find(": ");
  return colon == reason.npos ? reason : reason.substr(colon + 2);
}

}  // namespace

Result<ConfigFile> ParseConfigFile(std::string_view text, const std::string& path) {
  if (text.size() > kMaxConfigBytes) {
    return MakeError(Code::kMalformed, "{}: is longer than {} bytes; settings need far less", path,
                     kMaxConfigBytes);
  }
  if (CountTomlNesting(text) > kMaxConfigNesting) {
    return MakeError(Code::kMalformed,
                     "{}: has more than {} dots and brackets; settings are lines of key = value "
                     "below [command]",
                     path, kMaxConfigNesting);
  }
  const toml::parse_result parsed = toml::parse(text);
  if (!parsed) {
    const toml::parse_error& problem = parsed.error();
    return MakeError(
        Code::kMalformed,
        "{}:{}: {}; write lines like threads = 4, and [run] above those for one command", path,
        problem.source().begin.line, PrintableLine(ShortReason(problem.description()), 300));
  }
  ConfigFile file{.path = path};
  for (const auto& [key, node] : parsed.table()) {
    const toml::table* table = node.as_table();
    if (table == nullptr || table->empty()) file.values.push_back(ReadValue("", key.str(), node));
    if (table == nullptr) continue;
    for (const auto& [inner, value] : *table)
      file.values.push_back(ReadValue(std::string(key.str()), inner.str(), value));
  }
  std::ranges::stable_sort(file.values, {}, &ConfigValue::line);
  return file;
}

std::string_view ConfigTypeName(ConfigType type) {
  switch (type) {
    case ConfigType::kTrueOrFalse:
      return "true or false";
    case ConfigType::kWhole:
      return "a whole number";
    case ConfigType::kNumber:
      return "a number";
    case ConfigType::kText:
      return "a text";
    case ConfigType::kList:
      return "a list";
    case ConfigType::kTable:
      return "a table";
    case ConfigType::kOther:
      break;
  }
  return "a date or a time";
}

}  // namespace ledge
