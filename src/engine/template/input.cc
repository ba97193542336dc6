#include "engine/template/input.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/utf8.h"

namespace ledge::jinja {
namespace {

using Json = nlohmann::ordered_json;

// Words that can spell a control token only where the template's author meant them to, as in
// '<|' + message.role + '|>'. Any other role is plain text.
constexpr std::string_view kRoles[] = {"system",    "user",         "assistant",   "tool",
                                       "function",  "developer",    "ipython",     "model",
                                       "chatbot",   "tool_results", "observation", "environment",
                                       "documents", "human",        "gpt"};

bool UsualRole(std::string_view role) {
  return std::find(std::begin(kRoles), std::end(kRoles), role) != std::end(kRoles);
}

Result<Text> PlainText(Heap& heap, std::string_view bytes) {
  std::string_view rest = bytes;
  while (!rest.empty()) {
    if (const size_t length = Utf8SequenceLength(rest); length != 0)
      rest.remove_prefix(length);
    else
      return MakeText(heap, Utf8Sanitized(bytes), true);
  }
  return MakeText(heap, bytes, true);
}

Result<Value> Number(const Json& json) {
  if (json.is_number_float()) return Value(json.get<double>());
  if (json.is_number_unsigned() && json.get<uint64_t>() > static_cast<uint64_t>(INT64_MAX)) {
    return Value(static_cast<double>(json.get<uint64_t>()));
  }
  return Value(json.get<int64_t>());
}

Result<Value> Convert(Heap& heap, const Json& json, int depth);

Result<Value> ConvertArray(Heap& heap, const Json& json, int depth) {
  std::vector<Value> items;
  items.reserve(json.size());
  for (const auto& element : json) {
    LEDGE_TRY(auto item, Convert(heap, element, depth + 1));
    items.push_back(std::move(item));
  }
  return MakeList(heap, std::move(items));
}

Result<Value> ConvertObject(Heap& heap, const Json& json, int depth) {
  DictBuilder dict(heap);
  for (const auto& [name, element] : json.items()) {
    LEDGE_TRY(auto key, PlainText(heap, name));
    LEDGE_TRY(auto value, Convert(heap, element, depth + 1));
    LEDGE_CHECK_OK(dict.Set(Value(std::move(key)), std::move(value)));
  }
  return dict.Finish();
}

Result<Value> Convert(Heap& heap, const Json& json, int depth) {
  if (depth > kMaxValueDepth) {
    return MakeError(Code::kUnsupported, "messages or tools more than {} levels deep",
                     kMaxValueDepth);
  }
  if (json.is_boolean()) return Value(json.get<bool>());
  if (json.is_number()) return Number(json);
  if (json.is_array()) return ConvertArray(heap, json, depth);
  if (json.is_object()) return ConvertObject(heap, json, depth);
  if (!json.is_string()) return Value(None{});
  LEDGE_TRY(auto text, PlainText(heap, json.get_ref<const std::string&>()));
  return Value(std::move(text));
}

}  // namespace

Result<Value> FromJson(Heap& heap, const Json& json) { return Convert(heap, json, 0); }

Result<Value> FromMessages(Heap& heap, const Json& messages) {
  std::vector<Value> items;
  items.reserve(messages.size());
  for (const auto& message : messages) {
    if (!message.is_object()) {
      return MakeError(
          Code::kUsage,
          "messages[{}] is a {}; each message must be an object with a role and content",
          items.size(), message.type_name());
    }
    DictBuilder dict(heap);
    for (const auto& [name, element] : message.items()) {
      LEDGE_TRY(auto key, PlainText(heap, name));
      LEDGE_TRY(auto value, Convert(heap, element, 2));
      if (name == "role" && value.text() && UsualRole(value.text()->bytes())) {
        value = Text::Literal(std::string(value.text()->bytes()));
      }
      LEDGE_CHECK_OK(dict.Set(Value(std::move(key)), std::move(value)));
    }
    LEDGE_TRY(auto item, dict.Finish());
    items.push_back(std::move(item));
  }
  return MakeList(heap, std::move(items));
}

}  // namespace ledge::jinja
