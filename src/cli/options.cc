#include "cli/options.h"

#include <CLI/CLI.hpp>
#include <charconv>
#include <cmath>

namespace ledge {
namespace {

// "-n,--max-tokens" -> "LEDGE_MAX_TOKENS"; empty for positional arguments and short flags.
std::string EnvironmentName(const std::string& names) {
  const size_t at = names.find("--");
  if (at == std::string::npos) return {};
  std::string name = "LEDGE_";
  for (const char c : names.substr(at + 2, names.find(',', at) - at - 2)) {
    name += c == '-' ? '_' : static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  }
  return name;
}

CLI::Option* WithEnvironment(CLI::Option* option, const std::string& names) {
  const std::string name = EnvironmentName(names);
  if (!name.empty()) option->envname(name);
  return option;
}

template <typename T>
std::string ParseWithin(const std::string& text, T low, T high, T& value) {
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool whole = status == std::errc() && end == text.data() + text.size();
  bool inside = whole && value >= low && value <= high;
  if constexpr (std::is_floating_point_v<T>) inside = inside && std::isfinite(value);
  if (inside) return {};
  return fmt::format("'{}' is not a number from {} to {}", PrintableLine(text, 80), low, high);
}

// Parses by ParseWithin into `store`; the parser reports the message as a usage error.
template <typename T, typename Store>
CLI::Option* AddNumber(CLI::App& app, const std::string& names, T low, T high,
                       const std::string& help, Store store) {
  const auto parse = [low, high, store](const CLI::results_t& texts) {
    T value{};
    const std::string problem = ParseWithin(texts.back(), low, high, value);
    if (!problem.empty()) throw CLI::ValidationError(problem);
    store(value);
    return true;
  };
  return WithEnvironment(app.add_option(names, parse, help), names);
}

}  // namespace

void Options::Flag(const std::string& names, bool& value, const std::string& help) {
  app_.add_flag(names, value, help);
}

void Options::Text(const std::string& names, std::string& value, const std::string& help) {
  WithEnvironment(app_.add_option(names, value, help), names)
      ->capture_default_str()
      ->type_name("TEXT");
}

void Options::Text(const std::string& names, std::optional<std::string>& value,
                   const std::string& help) {
  WithEnvironment(app_.add_option(names, value, help), names)->type_name("TEXT");
}

void Options::Texts(const std::string& names, std::vector<std::string>& values,
                    const std::string& help) {
  app_.add_option(names, values, help)->type_name("TEXT")->expected(1)->take_all();
}

void Options::Whole(const std::string& names, int64_t& value, int64_t low, int64_t high,
                    const std::string& help) {
  AddNumber<int64_t>(app_, names, low, high, help, [&value](int64_t v) { value = v; })
      ->type_name("N")
      ->default_str(std::to_string(value));
}

void Options::Whole(const std::string& names, std::optional<int64_t>& value, int64_t low,
                    int64_t high, const std::string& help) {
  AddNumber<int64_t>(app_, names, low, high, help, [&value](int64_t v) {
    value = v;
  })->type_name("N");
}

void Options::Wholes(const std::string& names, std::vector<int64_t>& values, int64_t low,
                     int64_t high, const std::string& help) {
  const auto parse = [low, high, &values](const CLI::results_t& texts) {
    values.clear();
    for (const std::string& part : CLI::detail::split(texts.back(), ',')) {
      int64_t value = 0;
      const std::string problem = ParseWithin<int64_t>(part, low, high, value);
      if (!problem.empty()) throw CLI::ValidationError(problem);
      values.push_back(value);
    }
    return true;
  };
  WithEnvironment(app_.add_option(names, parse, help), names)
      ->type_name("N,...")
      ->default_str(fmt::format("{}", fmt::join(values, ",")));
}

void Options::Number(const std::string& names, double& value, double low, double high,
                     const std::string& help) {
  AddNumber<double>(app_, names, low, high, help, [&value](double v) { value = v; })
      ->type_name("X")
      ->default_str(fmt::format("{}", value));
}

void Options::Choice(const std::string& names, std::string& value,
                     const std::vector<std::string>& words, const std::string& help) {
  WithEnvironment(app_.add_option(names, value, help), names)
      ->check([words](const std::string& text) {
        for (const std::string& word : words) {
          if (word == text) return std::string();
        }
        return fmt::format("'{}' is not one of {}", PrintableLine(text, 80),
                           fmt::join(words, ", "));
      })
      ->type_name(fmt::format("{}", fmt::join(words, "|")))
      ->default_str(value);
}

void Options::Argument(const std::string& name, std::string& value, const std::string& help) {
  app_.add_option(name, value, help)->required()->type_name("");
}

void Options::Arguments(const std::string& name, std::vector<std::string>& values,
                        const std::string& help) {
  app_.add_option(name, values, help)->required()->type_name("");
}

void Options::OptionalArgument(const std::string& name, std::optional<std::string>& value,
                               const std::string& help) {
  app_.add_option(name, value, help)->type_name("");
}

void Options::Examples(const std::string& text) { app_.footer("Examples:\n" + text); }

}  // namespace ledge
