// ledge.toml: any text is refused or listed, with lines inside of it and as many texts as types.
#include <algorithm>
#include <cstdlib>

#include "cli/settings/config_file.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto file = ledge::ParseConfigFile(text, "ledge.toml");
  if (!file.ok()) return 0;
  const auto lines = static_cast<size_t>(std::ranges::count(text, '\n')) + 1;
  for (const ledge::ConfigValue& value : file->values) {
    if (value.line == 0 || value.line > lines) std::abort();
    const bool list = value.type == ledge::ConfigType::kList;
    if (list && value.texts.size() != value.types.size()) std::abort();
    if (value.key.empty() && value.table.empty() && text.find("\"\"") == text.npos &&
        text.find("''") == text.npos)
      std::abort();
  }
  return 0;
}
