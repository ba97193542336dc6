#include "store/catalogue.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace ledge {

extern const std::string_view kCatalogueText;  // models/catalogue.json

Result<std::vector<CatalogueEntry>> ParseCatalogue(std::string_view json) {
  std::vector<CatalogueEntry> entries;
  try {
    const auto document = nlohmann::json::parse(json);
    for (const auto& row : document.at("models")) {
      CatalogueEntry entry;
      entry.name = row.at("name").get<std::string>();
      entry.aliases = row.value("aliases", std::vector<std::string>{});
      entry.title = row.at("title").get<std::string>();
      entry.licence = row.at("licence").get<std::string>();
      entry.bytes = row.at("bytes").get<uint64_t>();
      LEDGE_TRY(entry.sha256, Digest::FromHex(row.at("sha256").get<std::string>()));
      entry.sources = row.at("sources").get<std::vector<std::string>>();
      entries.push_back(std::move(entry));
    }
  } catch (const nlohmann::json::exception& problem) {
    return MakeError(Code::kMalformed, "catalogue: {}", problem.what());
  }
  return entries;
}

std::span<const CatalogueEntry> Catalogue() {
  static const std::vector<CatalogueEntry> kEntries =
      ParseCatalogue(kCatalogueText).value_or(std::vector<CatalogueEntry>{});
  return kEntries;
}

const CatalogueEntry* FindInCatalogue(std::string_view name) {
  constexpr std::string_view kLatest = ":latest";
  if (name.ends_with(kLatest)) name.remove_suffix(kLatest.size());
  for (const CatalogueEntry& entry : Catalogue()) {
    if (entry.name == name || std::ranges::find(entry.aliases, name) != entry.aliases.end())
      return &entry;
  }
  return nullptr;
}

}  // namespace ledge
