#include "api/messages.h"

#include <fmt/format.h>

#include <array>

#include "engine/ordered_json.h"

namespace ledge {
namespace {

constexpr std::array<std::string_view, 6> kRoles = {"system",    "developer", "user",
                                                    "assistant", "tool",      "function"};

// Arguments that are a text of JSON become that JSON.
Json ReadToolCalls(FieldReader& fields, const std::string& where, const Json& calls) {
  Json list = Json::array();
  if (!calls.is_array()) {
    fields.Fail(where, fmt::format("{} is a {}; must be an array", where, calls.type_name()));
    return list;
  }
  for (const Json& call : calls) {
    const auto function = call.is_object() ? call.find("function") : call.end();
    if (!call.is_object() || function == call.end() || !function->is_object() ||
        !function->contains("name") || !(*function)["name"].is_string()) {
      fields.Fail(where, fmt::format("{}[{}] has no function with a name; must be "
                                     "{{\"function\":{{\"name\",\"arguments\"}}}}",
                                     where, list.size()));
      return list;
    }
    Json copy = call;
    if (!copy.contains("type")) copy["type"] = "function";
    Json& arguments = copy["function"]["arguments"];
    if (arguments.is_string()) {
      auto parsed = ParseOrderedJson(arguments.get_ref<const std::string&>());
      if (parsed.ok() && parsed->is_object()) arguments = *std::move(parsed);
    }
    if (arguments.is_null()) arguments = Json::object();
    list.push_back(std::move(copy));
  }
  return list;
}

}  // namespace

std::string TextOfContent(FieldReader& fields, const std::string& where, const Json& content) {
  if (content.is_string()) return content.get<std::string>();
  if (content.is_null()) return {};
  if (!content.is_array()) {
    fields.Fail(where, fmt::format("{} is a {}; must be a string or an array of text parts", where,
                                   content.type_name()));
    return {};
  }
  std::string text;
  size_t index = 0;
  for (const Json& part : content) {
    const std::string type = part.is_object() ? part.value("type", Json("")).is_string()
                                                    ? part.value("type", std::string("text"))
                                                    : std::string()
                                              : std::string();
    const auto found = part.is_object() ? part.find("text") : part.end();
    const bool is_text = type == "text" || type == "input_text" || type == "output_text";
    if (!part.is_object() || !is_text || found == part.end() || !found->is_string()) {
      fields.Fail(where,
                  fmt::format("{}[{}] is of type '{}'; must be a part of type text: this model "
                              "takes text alone",
                              where, index, PrintableLine(type, 40)));
      return {};
    }
    text += found->get_ref<const std::string&>();
    ++index;
  }
  return text;
}

Json ReadMessages(FieldReader& fields, const char* field) {
  Json result = Json::array();
  const Json* messages = fields.Find(field);
  if (messages == nullptr || !messages->is_array() || messages->empty() ||
      messages->size() > kMaxMessages) {
    fields.Fail(field, fmt::format("{} is missing or no array of 1 to {} messages; must be "
                                   "[{{\"role\":\"user\",\"content\":\"...\"}}]",
                                   field, kMaxMessages));
    return result;
  }
  for (const Json& message : *messages) {
    const std::string where = fmt::format("{}[{}]", field, result.size());
    if (!message.is_object()) {
      fields.Fail(where, fmt::format("{} is a {}; must be an object", where, message.type_name()));
      return result;
    }
    const auto role = message.find("role");
    if (role == message.end() || !role->is_string() ||
        std::ranges::find(kRoles, role->get_ref<const std::string&>()) == kRoles.end()) {
      fields.Fail(where + ".role",
                  fmt::format("{}.role is {}; must be system, user, assistant or tool", where,
                              role == message.end() ? "missing" : PrintableLine(Dump(*role), 40)));
      return result;
    }
    Json clean = {{"role", *role == "developer"  ? Json("system")
                           : *role == "function" ? Json("tool")
                                                 : *role}};
    const bool has_calls = message.contains("tool_calls") && !message["tool_calls"].is_null();
    const auto content = message.find("content");
    if (content == message.end() && !has_calls) {
      fields.Fail(where + ".content", where + ".content is missing; must be a string");
      return result;
    }
    clean["content"] = content == message.end()
                           ? std::string()
                           : TextOfContent(fields, where + ".content", *content);
    if (has_calls) {
      Json calls = ReadToolCalls(fields, where + ".tool_calls", message["tool_calls"]);
      if (!calls.empty()) clean["tool_calls"] = std::move(calls);
    }
    for (const char* name :
         {"name", "tool_call_id", "tool_name", "reasoning_content", "thinking"}) {
      const auto found = message.find(name);
      if (found != message.end() && found->is_string()) clean[name] = *found;
    }
    if (fields.failed()) return result;
    result.push_back(std::move(clean));
  }
  return result;
}

}  // namespace ledge
