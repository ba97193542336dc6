// Llama 3.1 and later: a whole answer of {"name": "f", "parameters": {...}}, several behind one
// another with ';' between them, <|python_tag|> in front or not. Of the tools that came with the
// model: <|python_tag|>brave_search.call(query="...").
#include <nlohmann/json.hpp>

#include "api/json_reader.h"
#include "api/tools/call_format.h"
#include "engine/ordered_json.h"

namespace ledge {
namespace {

constexpr std::string_view kTag = "<|python_tag|>";

// name.call(a="b", c="d"); empty for anything else.
std::vector<WrittenCall> CallsOfPython(std::string_view text) {
  text = Stripped(text);
  const size_t dot = text.find(".call(");
  if (dot == text.npos || dot == 0 || !text.ends_with(')')) return {};
  const std::string_view name = text.substr(0, dot);
  if (name.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_") !=
      name.npos)
    return {};
  text.remove_prefix(dot + 6);
  text.remove_suffix(1);
  Json arguments = Json::object();
  while (!(text = Stripped(text)).empty()) {
    const size_t equals = text.find("=\"");
    if (equals == text.npos) return {};
    size_t end = equals + 2;
    while (end < text.size() && text[end] != '"') end += text[end] == '\\' ? 2 : 1;
    if (end >= text.size()) return {};
    auto value = ParseOrderedJson(text.substr(equals + 1, end - equals));
    if (!value.ok()) return {};
    arguments[std::string(Stripped(text.substr(0, equals)))] = *std::move(value);
    text = Stripped(text.substr(end + 1));
    if (text.starts_with(',')) text.remove_prefix(1);
  }
  return {{std::string(name), Dump(arguments)}};
}

class Llama3 : public CallFormat {
 public:
  explicit Llama3(std::vector<std::string> names) : names_(std::move(names)) {}

 private:
  CallStep Outside(std::string_view text, bool begin, bool end) override {
    if (begin && !end && kTag.starts_with(text)) return {};
    if (begin || called()) {
      const size_t first = text.find_first_not_of(kJsonSpace);
      if (first == text.npos) return {.content = end ? text.size() : 0};
      if (text[first] == '{' || text[first] == '[') return Block(text, end, {.names = &names_});
    }
    return Behind(text, end);
  }

  // Text first: a call may follow behind the tag.
  CallStep Behind(std::string_view text, bool end) {
    if (const size_t before = BytesBefore(text, kTag, end); before > 0) return {.content = before};
    if (!text.starts_with(kTag)) return {};
    const size_t first = text.find_first_not_of(kJsonSpace, kTag.size());
    if (first != text.npos && (text[first] == '{' || text[first] == '['))
      return Block(text, end, {.open = kTag.size()});
    if (!end) return {};
    auto calls = CallsOfPython(text.substr(kTag.size()));
    if (calls.empty()) return {.content = text.size()};
    return {.dropped = text.size(), .calls = std::move(calls)};
  }

  std::vector<std::string> names_;
};

}  // namespace

std::unique_ptr<CallFormat> MakeLlama3Format(std::vector<std::string> names) {
  return std::make_unique<Llama3>(std::move(names));
}

}  // namespace ledge
