#include "cli/options.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <charconv>
#include <cmath>

#include "base/units.h"

namespace ledge {
namespace {

using Values = std::vector<std::string>;

template <typename T>
std::string ParseWithin(const std::string& text, T low, T high, T& value) {
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), value);
  const bool whole = status == std::errc() && end == text.data() + text.size();
  bool inside = whole && value >= low && value <= high;
  if constexpr (std::is_floating_point_v<T>) inside = inside && std::isfinite(value);
  if (inside) return {};
  return fmt::format("'{}' is not a number from {} to {}", PrintableLine(text, 80), low, high);
}

// Parses by ParseWithin into `store`.
template <typename T, typename Store>
auto NumberSetter(T low, T high, Store store) {
  return [low, high, store](const Values& texts) {
    T value{};
    std::string problem = ParseWithin(texts.back(), low, high, value);
    if (problem.empty()) store(value);
    return problem;
  };
}

// Parses by a function of base/units.h into `value`.
template <typename T>
auto UnitSetter(Result<T> (*parse)(std::string_view), T& value) {
  return [parse, &value](const Values& texts) -> std::string {
    auto parsed = parse(texts.back());
    if (!parsed.ok()) return parsed.error().message;
    value = *parsed;
    return {};
  };
}

template <typename Target>
auto TextSetter(Target& value) {
  return [&value](const Values& texts) {
    value = texts.back();
    return std::string();
  };
}

auto ListSetter(std::vector<std::string>& values) {
  return [&values](const Values& texts) {
    values = texts;
    return std::string();
  };
}

auto ChoiceSetter(std::string& value, const Values& words) {
  return [&value, words](const Values& texts) -> std::string {
    for (const std::string& word : words) {
      if (word != texts.back()) continue;
      value = word;
      return {};
    }
    return fmt::format("'{}' is not one of {}", PrintableLine(texts.back(), 80),
                       fmt::join(words, ", "));
  };
}

auto FlagSetter(bool& value) {
  return [&value](const Values& texts) -> std::string {
    for (const char* yes : {"true", "1", "yes", "on"}) {
      if (texts.back() == yes) value = true;
      if (texts.back() == yes) return {};
    }
    for (const char* no : {"false", "0", "no", "off"}) {
      if (texts.back() == no) value = false;
      if (texts.back() == no) return {};
    }
    return fmt::format("'{}' is neither true nor false", PrintableLine(texts.back(), 80));
  };
}

Values DefaultOf(const std::string& text) { return text.empty() ? Values() : Values{text}; }

Completes CompletionOf(const std::string& argument) {
  if (argument == "MODEL") return Completes::kModel;
  if (argument == "NAME") return Completes::kStoredName;
  return argument == "PATH" ? Completes::kFile : Completes::kNothing;
}

// In the largest unit that it is a whole number of, so that it can be read back.
std::string DurationText(std::chrono::nanoseconds duration) {
  constexpr std::pair<int64_t, const char*> kUnits[] = {{3'600'000'000'000, "h"},
                                                        {60'000'000'000, "m"},
                                                        {1'000'000'000, "s"},
                                                        {1'000'000, "ms"},
                                                        {1'000, "us"}};
  const int64_t count = duration.count();
  for (const auto& [size, name] : kUnits) {
    if (count != 0 && count % size == 0) return fmt::format("{}{}", count / size, name);
  }
  return fmt::format("{}ns", count);
}

// "-n,--max-tokens" into the two names.
void SplitNames(const std::string& names, OptionSpec& spec) {
  for (const std::string& name : CLI::detail::split(names, ',')) {
    (name.starts_with("--") ? spec.long_name : spec.short_name) = name;
  }
}

}  // namespace

void Options::Add(const std::string& names, OptionSpec spec) {
  if (names.starts_with('-')) {
    SplitNames(names, spec);
  } else {
    spec.argument = names;
    spec.value_name = names;
    spec.completes = CompletionOf(names);
  }
  const auto parse = [set = spec.set, name = spec.Name()](const CLI::results_t& texts) {
    const std::string problem = set(texts);
    if (!problem.empty()) throw CLI::ValidationError(name, problem);
    return true;
  };
  CLI::Option* const parsed = app_.add_option(names, parse, spec.help);
  if (!spec.repeatable) {
    parsed->take_last();
  } else if (spec.is_argument()) {
    parsed->expected(1, CLI::detail::expected_max_vector_size)->take_all();
  } else {
    parsed->expected(1)->take_all();
  }
  parsed->required(spec.required);
  spec.parsed = parsed;
  spec_.options.push_back(std::move(spec));
}

void Options::Flag(const std::string& names, bool& value, const std::string& help) {
  OptionSpec spec{.kind = OptionKind::kFlag,
                  .help = help,
                  .defaults = {value ? "true" : "false"},
                  .set = FlagSetter(value)};
  SplitNames(names, spec);
  // The parser's own words for it would be others than a variable's.
  const auto check = [](const std::string& text) {
    bool ignored = false;
    return FlagSetter(ignored)({text});
  };
  spec.parsed = app_.add_flag(names, value, help)->take_last()->check(check);
  spec_.options.push_back(std::move(spec));
}

void Options::Text(const std::string& names, std::string& value, const std::string& help) {
  Add(names,
      {.value_name = "TEXT", .help = help, .defaults = DefaultOf(value), .set = TextSetter(value)});
}

void Options::Text(const std::string& names, std::optional<std::string>& value,
                   const std::string& help) {
  Add(names, {.value_name = "TEXT", .help = help, .set = TextSetter(value)});
}

void Options::Texts(const std::string& names, std::vector<std::string>& values,
                    const std::string& help) {
  Add(names, {.value_name = "TEXT",
              .kind = OptionKind::kTexts,
              .help = help,
              .defaults = values,
              .repeatable = true,
              .set = ListSetter(values)});
}

void Options::File(const std::string& names, std::string& value, const std::string& help) {
  Add(names, {.value_name = "FILE",
              .help = help,
              .completes = Completes::kFile,
              .defaults = DefaultOf(value),
              .set = TextSetter(value)});
}

void Options::Folder(const std::string& names, std::string& value, const std::string& help) {
  Add(names, {.value_name = "DIR",
              .help = help,
              .completes = Completes::kFolder,
              .defaults = DefaultOf(value),
              .set = TextSetter(value)});
}

void Options::WordOrFile(const std::string& names, std::optional<std::string>& value,
                         const std::vector<std::string>& words, const std::string& help) {
  Add(names, {.value_name = "NAME|FILE",
              .help = help,
              .words = words,
              .completes = Completes::kFile,
              .set = TextSetter(value)});
}

void Options::Whole(const std::string& names, int64_t& value, int64_t low, int64_t high,
                    const std::string& help) {
  Add(names, {.value_name = "N",
              .kind = OptionKind::kWhole,
              .help = help,
              .defaults = {std::to_string(value)},
              .set = NumberSetter<int64_t>(low, high, [&value](int64_t v) { value = v; })});
}

void Options::Whole(const std::string& names, std::optional<int64_t>& value, int64_t low,
                    int64_t high, const std::string& help) {
  Add(names, {.value_name = "N",
              .kind = OptionKind::kWhole,
              .help = help,
              .set = NumberSetter<int64_t>(low, high, [&value](int64_t v) { value = v; })});
}

void Options::Wholes(const std::string& names, std::vector<int64_t>& values, int64_t low,
                     int64_t high, const std::string& help) {
  const auto parse = [low, high, &values](const Values& texts) -> std::string {
    std::vector<int64_t> parsed;
    for (const std::string& part : CLI::detail::split(texts.back(), ',')) {
      int64_t value = 0;
      std::string problem = ParseWithin<int64_t>(part, low, high, value);
      if (!problem.empty()) return problem;
      parsed.push_back(value);
    }
    values = std::move(parsed);
    return {};
  };
  Add(names, {.value_name = "N,...",
              .kind = OptionKind::kWholes,
              .help = help,
              .defaults = DefaultOf(fmt::format("{}", fmt::join(values, ","))),
              .set = parse});
}

void Options::Number(const std::string& names, double& value, double low, double high,
                     const std::string& help) {
  Add(names, {.value_name = "X",
              .kind = OptionKind::kNumber,
              .help = help,
              .defaults = {fmt::format("{}", value)},
              .set = NumberSetter<double>(low, high, [&value](double v) { value = v; })});
}

void Options::Size(const std::string& names, uint64_t& bytes, const std::string& help) {
  Add(names, {.value_name = "SIZE",
              .kind = OptionKind::kSize,
              .help = help,
              .defaults = {std::to_string(bytes)},
              .set = UnitSetter(ParseSize, bytes)});
}

void Options::Duration(const std::string& names, std::chrono::nanoseconds& value,
                       const std::string& help) {
  Add(names, {.value_name = "DURATION",
              .kind = OptionKind::kDuration,
              .help = help,
              .defaults = {DurationText(value)},
              .set = UnitSetter(ParseDuration, value)});
}

void Options::Choice(const std::string& names, std::string& value,
                     const std::vector<std::string>& words, const std::string& help) {
  Add(names, {.value_name = fmt::format("{}", fmt::join(words, "|")),
              .help = help,
              .words = words,
              .defaults = DefaultOf(value),
              .set = ChoiceSetter(value, words)});
}

void Options::Argument(const std::string& name, std::string& value, const std::string& help,
                       const std::vector<std::string>& words) {
  Add(name, {.help = help, .words = words, .required = true, .set = TextSetter(value)});
}

void Options::Arguments(const std::string& name, std::vector<std::string>& values,
                        const std::string& help) {
  Add(name, {.kind = OptionKind::kTexts,
             .help = help,
             .required = true,
             .repeatable = true,
             .set = ListSetter(values)});
}

void Options::OptionalArgument(const std::string& name, std::optional<std::string>& value,
                               const std::string& help, const std::vector<std::string>& words) {
  Add(name, {.help = help, .words = words, .set = TextSetter(value)});
}

}  // namespace ledge
