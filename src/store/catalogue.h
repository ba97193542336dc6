// The catalogue that ships with ledge (models/catalogue.json): short names with size, licence,
// digest and where to fetch from.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "os/sha256.h"

namespace ledge {

struct CatalogueEntry {
  std::string name;
  std::vector<std::string> aliases;
  std::string title;
  std::string licence;
  uint64_t bytes = 0;
  Digest sha256;
  std::vector<std::string> sources;  // tried in this order
};

// Parsed once; the built-in text is checked by a test.
Result<std::vector<CatalogueEntry>> ParseCatalogue(std::string_view json);
std::span<const CatalogueEntry> Catalogue();
// By name or alias, without ":latest"; nullptr if there is none.
const CatalogueEntry* FindInCatalogue(std::string_view name);

}  // namespace ledge
