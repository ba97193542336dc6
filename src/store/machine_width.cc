#include "store/machine_width.h"

#include <nlohmann/json.hpp>
#include <vector>

#include "os/path.h"
#include "store/json_fields.h"
#include "store/small_file.h"

namespace ledge {
namespace {

using nlohmann::json;

constexpr size_t kMaxFileBytes = 64 * 1024;

struct Entry {
  WidthKey key;
  uint32_t width = 0;
};

std::optional<Entry> EntryFrom(const json& value) {
  if (!value.is_object()) return std::nullopt;
  const auto cpu = TextField(value, "cpu");
  const auto instructions = TextField(value, "instructions");
  const auto threads = NumberField(value, "threads");
  const auto type = TextField(value, "type");
  const auto width = NumberField(value, "width");
  if (!cpu.ok() || !instructions.ok() || !threads.ok() || !type.ok() || !width.ok()) {
    return std::nullopt;
  }
  if (*threads > INT32_MAX || *width == 0 || *width > kMaxMachineWidth) return std::nullopt;
  return Entry{{*cpu, *instructions, static_cast<int>(*threads), *type},
               static_cast<uint32_t>(*width)};
}

// Newest first.
std::vector<Entry> Read(Os& os, const std::string& path) {
  std::vector<Entry> entries;
  const auto text = ReadSmall(os, path, kMaxFileBytes);
  if (!text.ok()) return entries;
  const json document = json::parse(*text, nullptr, /*allow_exceptions=*/false);
  if (!document.is_object() || !document.contains("widths")) return entries;
  const json& widths = document["widths"];
  if (!widths.is_array()) return entries;
  for (const json& value : widths) {
    if (entries.size() == kMaxMachineWidths) break;
    if (auto entry = EntryFrom(value)) entries.push_back(std::move(*entry));
  }
  return entries;
}

}  // namespace

std::string MachineWidths::Path() const {
  return JoinPath(JoinPath(home_, "machine"), "widths.json");
}

std::optional<uint32_t> MachineWidths::Find(const WidthKey& key) const {
  for (const Entry& entry : Read(*os_, Path())) {
    if (entry.key == key) return entry.width;
  }
  return std::nullopt;
}

Result<void> MachineWidths::Remember(const WidthKey& key, uint32_t width) const {
  std::vector<Entry> entries = Read(*os_, Path());
  std::erase_if(entries, [&](const Entry& entry) { return entry.key == key; });
  if (entries.size() == kMaxMachineWidths) entries.pop_back();
  entries.insert(entries.begin(), {key, width});
  json widths = json::array();
  for (const Entry& entry : entries) {
    widths.push_back({{"cpu", entry.key.cpu},
                      {"instructions", entry.key.instructions},
                      {"threads", entry.key.threads},
                      {"type", entry.key.type},
                      {"width", entry.width}});
  }
  LEDGE_CHECK_OK(os_->MakeFolder(JoinPath(home_, "machine")));
  return WriteSmall(*os_, Path(), json{{"widths", widths}}.dump(1) + "\n");
}

}  // namespace ledge
