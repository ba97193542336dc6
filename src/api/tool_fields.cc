#include "api/tool_fields.h"

#include <fmt/format.h>

#include <algorithm>

namespace ledge {
namespace {

std::string TextIn(const Json& object, const char* name) {
  const auto found = object.is_object() ? object.find(name) : object.end();
  return object.is_object() && found != object.end() && found->is_string()
             ? found->get<std::string>()
             : std::string();
}

// References within a schema that now stands at `place` of another.
void MoveRefs(Json& schema, const std::string& place) {
  if (schema.is_array()) {
    for (Json& entry : schema) MoveRefs(entry, place);
  }
  if (!schema.is_object()) return;
  for (auto& [name, value] : schema.items()) {
    if (name == "$ref" && value.is_string() && value.get_ref<const std::string&>().starts_with('#'))
      value = "#" + place + value.get<std::string>().substr(1);
    else
      MoveRefs(value, place);
  }
}

// Of a call of one of the tools.
std::string CallSchema(const std::vector<const Json*>& functions) {
  Json branches = Json::array();
  for (const Json* function : functions) {
    Json parameters = function->value("parameters", Json());
    if (!parameters.is_object()) parameters = {{"const", Json::object()}};
    MoveRefs(parameters, functions.size() == 1
                             ? "/properties/arguments"
                             : fmt::format("/anyOf/{}/properties/arguments", branches.size()));
    branches.push_back(
        {{"type", "object"},
         {"properties",
          {{"name", {{"const", (*function)["name"]}}}, {"arguments", std::move(parameters)}}},
         {"required", {"name", "arguments"}},
         {"additionalProperties", false}});
  }
  return Dump(branches.size() == 1 ? branches[0] : Json{{"anyOf", std::move(branches)}});
}

}  // namespace

ToolChoice ReadToolChoice(FieldReader& fields) {
  const bool one_call = !fields.Flag("parallel_tool_calls", true);
  const Json* choice = fields.Find("tool_choice");
  if (choice == nullptr || *choice == "auto") return {.one_call = one_call};
  if (*choice == "none") return {.kind = ToolChoice::Kind::kNone};
  if (*choice == "required") return {.kind = ToolChoice::Kind::kRequired, .one_call = one_call};
  std::string name = TextIn(*choice, "name");
  if (name.empty() && choice->is_object()) name = TextIn(choice->value("function", Json()), "name");
  if (TextIn(*choice, "type") != "function" || name.empty()) {
    fields.Fail("tool_choice",
                fmt::format("tool_choice is {}; must be auto, none, required or "
                            "{{\"type\":\"function\",\"function\":{{\"name\":...}}}}",
                            PrintableLine(Dump(*choice), 80)));
  }
  return {.kind = ToolChoice::Kind::kNamed, .name = std::move(name), .one_call = one_call};
}

void UseTools(FieldReader& fields, const Json& tools, const ToolChoice& choice, Ask& ask,
              ToolUse& use) {
  if (!tools.is_array() || tools.size() > kMaxTools) {
    fields.Fail("tools", fmt::format("tools is a {} of {}; must be an array of at most {}: "
                                     "[{{\"type\":\"function\",\"function\":{{...}}}}]",
                                     tools.type_name(), tools.size(), kMaxTools));
    return;
  }
  std::vector<const Json*> callable;
  std::vector<std::string> names;
  for (const Json& tool : tools) {
    const auto function = tool.is_object() ? tool.find("function") : tool.end();
    const std::string name =
        tool.is_object() && function != tool.end() ? TextIn(*function, "name") : std::string();
    if (name.empty()) {
      fields.Fail("tools", fmt::format("tools[{}] has no function with a name; must be "
                                       "{{\"type\":\"function\",\"function\":{{\"name\":...}}}}",
                                       names.size()));
      return;
    }
    names.push_back(name);
    if (choice.kind != ToolChoice::Kind::kNamed || choice.name == name)
      callable.push_back(&*function);
  }
  const bool demanded =
      choice.kind == ToolChoice::Kind::kRequired || choice.kind == ToolChoice::Kind::kNamed;
  if (demanded && callable.empty()) {
    fields.Fail("tool_choice", fmt::format("tool_choice demands a call of '{}', but tools has "
                                           "none such; must name one of tools",
                                           PrintableLine(choice.name, 60)));
    return;
  }
  if (choice.kind == ToolChoice::Kind::kNone || names.empty()) return;
  if (demanded && ask.grammar.kind != GrammarKind::kNone) {
    fields.Fail("tool_choice",
                "tool_choice demands a call beside a form of the answer; must be one of them");
    return;
  }
  ask.tools = Dump(tools);
  use = {.names = std::move(names), .forced = demanded, .one_call = choice.one_call};
  if (use.one_call) ask.tool_names = use.names;
  if (!demanded) return;
  ask.grammar = {GrammarKind::kSchema, CallSchema(callable)};
  ask.forced_call = true;
}

}  // namespace ledge
