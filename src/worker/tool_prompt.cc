#include "worker/tool_prompt.h"

#include <nlohmann/json.hpp>
#include <string>

namespace ledge {
namespace {

using Json = nlohmann::ordered_json;

std::string Text(const Json& json) {
  return json.dump(-1, ' ', false, Json::error_handler_t::replace);
}

std::string StringIn(const Json& object, const char* name) {
  const auto found = object.find(name);
  return found != object.end() && found->is_string() ? found->get<std::string>() : std::string();
}

std::string DescribedTools(const Json& tools) {
  std::string text =
      "You may call functions to help with the user's request. These are the functions, each as "
      "JSON:\n<tools>\n";
  for (const Json& tool : tools) text += Text(tool) + "\n";
  return text +
         "</tools>\nTo call one, answer with its name and arguments as JSON between tags, and "
         "nothing else:\n<tool_call>\n{\"name\": \"...\", \"arguments\": {...}}\n</tool_call>";
}

std::string CallsAsText(const Json& calls) {
  std::string text;
  for (const Json& call : calls) {
    const auto function = call.is_object() ? call.find("function") : call.end();
    if (!call.is_object() || function == call.end() || !function->is_object()) continue;
    const Json one = {{"name", function->value("name", Json(""))},
                      {"arguments", function->value("arguments", Json::object())}};
    text += "\n<tool_call>\n" + Text(one) + "\n</tool_call>";
  }
  return text;
}

}  // namespace

Json WithToolsAsText(const Json& messages, const Json& tools) {
  Json result = Json::array();
  for (const Json& message : messages) {
    if (!message.is_object()) continue;
    std::string content = StringIn(message, "content");
    std::string role = StringIn(message, "role");
    if (role == "tool") {
      role = "user";
      content = "<tool_response>\n" + content + "\n</tool_response>";
    }
    if (message.contains("tool_calls") && message["tool_calls"].is_array())
      content += CallsAsText(message["tool_calls"]);
    // Templates want users and assistants by turns.
    if (!result.empty() && role == "user" && result.back()["role"] == "user") {
      result.back()["content"] = result.back()["content"].get<std::string>() + "\n" + content;
    } else {
      result.push_back({{"role", role}, {"content", content}});
    }
  }
  const std::string described = DescribedTools(tools);
  if (!result.empty() && result[0]["role"] == "system") {
    result[0]["content"] = result[0]["content"].get<std::string>() + "\n\n" + described;
  } else {
    result.insert(result.begin(), Json{{"role", "system"}, {"content", described}});
  }
  return result;
}

Json WithArgumentsAsText(const Json& messages) {
  Json result = messages;
  for (Json& message : result) {
    if (!message.is_object() || !message.contains("tool_calls")) continue;
    for (Json& call : message["tool_calls"]) {
      if (!call.is_object() || !call.contains("function") || !call["function"].is_object())
        continue;
      Json& arguments = call["function"]["arguments"];
      if (!arguments.is_string()) arguments = Text(arguments);
    }
  }
  return result;
}

}  // namespace ledge
