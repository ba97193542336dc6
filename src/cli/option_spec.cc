#include "cli/option_spec.h"

#include <CLI/CLI.hpp>

namespace ledge {

std::string OptionSpec::Key() const {
  if (long_name.empty() || long_name == "--json" || long_name == "--config") return {};
  return long_name.substr(2);
}

std::string OptionSpec::Variable() const {
  if (long_name.empty() || long_name == "--json") return {};
  std::string name = "LEDGE_";
  for (const char c : long_name.substr(2)) {
    name += c == '-' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  }
  return name;
}

const std::string& OptionSpec::Name() const {
  if (is_argument()) return argument;
  return long_name.empty() ? short_name : long_name;
}

bool OptionSpec::Given() const { return parsed != nullptr && parsed->count() > 0; }

std::vector<std::string> OptionSpec::GivenTexts() const {
  return parsed == nullptr ? std::vector<std::string>() : parsed->results();
}

}  // namespace ledge
