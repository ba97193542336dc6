#include "api/tools/call_format.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "api/json_reader.h"
#include "engine/ordered_json.h"

namespace ledge {
namespace {

// A discarded value for what is no JSON.
Json ParseModelJson(std::string_view text) {
  auto json = ParseOrderedJson(text);
  return json.ok() ? *std::move(json) : Json(Json::value_t::discarded);
}

std::optional<Json> ObjectOf(const Json& arguments) {
  if (arguments.is_object()) return arguments;
  if (arguments.is_null()) return Json::object();
  if (!arguments.is_string()) return std::nullopt;
  Json parsed = ParseModelJson(arguments.get_ref<const std::string&>());
  if (!parsed.is_object()) return std::nullopt;
  return parsed;
}

std::optional<WrittenCall> CallOf(const Json& value) {
  if (!value.is_object()) return std::nullopt;
  // {"type":"function","function":{...}} and {"function":"name",...} are seen, too.
  const Json* inner = &value;
  if (const auto function = value.find("function");
      function != value.end() && function->is_object())
    inner = &*function;
  for (const char* name : {"name", "tool_name"}) {
    const auto found = inner->find(name);
    if (found == inner->end() || !found->is_string() ||
        found->get_ref<const std::string&>().empty())
      continue;
    for (const char* key : {"arguments", "parameters"}) {
      if (!inner->contains(key)) continue;
      const auto arguments = ObjectOf((*inner)[key]);
      if (!arguments) return std::nullopt;
      return WrittenCall{found->get<std::string>(), Dump(*arguments)};
    }
  }
  return std::nullopt;
}

}  // namespace

std::string_view Stripped(std::string_view text) {
  const size_t begin = text.find_first_not_of(kJsonSpace);
  if (begin == text.npos) return {};
  return text.substr(begin, text.find_last_not_of(kJsonSpace) + 1 - begin);
}

size_t BytesBefore(std::string_view text, std::string_view mark, bool end) {
  if (const size_t found = text.find(mark); found != text.npos) return found;
  if (end) return text.size();
  size_t keep = std::min(text.size(), mark.size() - 1);
  while (keep > 0 && !mark.starts_with(text.substr(text.size() - keep))) --keep;
  return text.size() - keep;
}

std::optional<size_t> JsonLength(std::string_view text) {
  const size_t begin = text.find_first_not_of(kJsonSpace);
  if (begin == text.npos) return std::nullopt;
  if (text[begin] != '{' && text[begin] != '[') return 0;
  size_t depth = 0;
  bool inside = false;  // of a string
  for (size_t i = begin; i < text.size(); ++i) {
    const char c = text[i];
    if (inside) {
      if (c == '\\') ++i;
      if (c == '"') inside = false;
    } else if (c == '"') {
      inside = true;
    } else if (c == '{' || c == '[') {
      ++depth;
    } else if ((c == '}' || c == ']') && --depth == 0) {
      return i + 1;
    }
  }
  return std::nullopt;
}

std::vector<WrittenCall> CallsOfJson(std::string_view text, const std::vector<std::string>* names) {
  const Json json = ParseModelJson(Stripped(text));
  std::vector<WrittenCall> calls;
  if (json.is_discarded()) return calls;
  for (const Json& one : json.is_array() ? json : Json::array({json})) {
    auto call = CallOf(one);
    const bool known =
        call && (names == nullptr || std::ranges::find(*names, call->name) != names->end());
    if (!known) return {};
    calls.push_back(*std::move(call));
  }
  return calls;
}

CallStep CallFormat::Next(std::string_view text, bool begin, bool end) {
  if (block_) {
    CallStep step = block_->Next(text, end);
    called_ = called_ || block_->called();
    const bool done = block_->done();
    if (done) block_.reset();
    if (!done || step.bytes() > 0) return step;
  }
  return Outside(text, begin, end);
}

CallStep CallFormat::Block(std::string_view text, bool end, BlockShape shape) {
  block_.emplace(std::move(shape));
  CallStep step = block_->Next(text, end);
  called_ = called_ || block_->called();
  if (block_->done()) block_.reset();
  return step;
}

CallStep CallFormat::MarkedBlock(std::string_view text, std::string_view mark, bool end,
                                 BlockShape shape) {
  if (const size_t before = BytesBefore(text, mark, end); before > 0) return {.content = before};
  if (!text.starts_with(mark)) return {};
  return Block(text, end, std::move(shape));
}

}  // namespace ledge
