#include "engine/template/builtin_templates.h"

#include <algorithm>

namespace ledge {
namespace {

constexpr std::string_view kAlpaca = R"({%- for message in messages -%}
{%- if message.role == 'system' -%}
{{ message.content }}

{% elif message.role == 'assistant' -%}
### Response:
{{ message.content }}{{ eos_token }}

{% else -%}
{%- if loop.first -%}
Below is an instruction that describes a task. Write a response that appropriately completes the request.

{% endif -%}
### Instruction:
{{ message.content }}

{% endif -%}
{%- endfor -%}
{%- if add_generation_prompt -%}
### Response:
{% endif -%}
)";

constexpr std::string_view kChatml = R"({%- for message in messages -%}
{{ '<|im_start|>' + message.role + '\n' + message.content + '<|im_end|>\n' }}
{%- endfor -%}
{%- if add_generation_prompt -%}
{{ '<|im_start|>assistant\n' }}
{%- endif -%}
)";

constexpr std::string_view kGemma = R"({{- bos_token -}}
{%- set ns = namespace(system='') -%}
{%- for message in messages -%}
{%- if message.role == 'system' -%}
{%- set ns.system = message.content + '\n\n' -%}
{%- else -%}
{%- set role = 'model' if message.role == 'assistant' else message.role -%}
{{ '<start_of_turn>' + role + '\n' + ns.system + message.content | trim + '<end_of_turn>\n' }}
{%- set ns.system = '' -%}
{%- endif -%}
{%- endfor -%}
{%- if add_generation_prompt -%}
{{ '<start_of_turn>model\n' }}
{%- endif -%}
)";

// The system text stands inside the first instruction.
constexpr std::string_view kLlama2 = R"({%- set ns = namespace(system='') -%}
{%- for message in messages -%}
{%- if message.role == 'system' -%}
{%- set ns.system = '<<SYS>>\n' + message.content + '\n<</SYS>>\n\n' -%}
{%- elif message.role == 'assistant' -%}
{{ ' ' + message.content | trim + ' ' + eos_token }}
{%- else -%}
{{ bos_token + '[INST] ' + ns.system + message.content | trim + ' [/INST]' }}
{%- set ns.system = '' -%}
{%- endif -%}
{%- endfor -%}
)";

constexpr std::string_view kLlama3 = R"({{- bos_token -}}
{%- for message in messages -%}
{{ '<|start_header_id|>' + message.role + '<|end_header_id|>\n\n' + message.content | trim + '<|eot_id|>' }}
{%- endfor -%}
{%- if add_generation_prompt -%}
{{ '<|start_header_id|>assistant<|end_header_id|>\n\n' }}
{%- endif -%}
)";

constexpr std::string_view kMistral = R"({{- bos_token -}}
{%- set ns = namespace(system='') -%}
{%- for message in messages -%}
{%- if message.role == 'system' -%}
{%- set ns.system = message.content + '\n\n' -%}
{%- elif message.role == 'assistant' -%}
{{ ' ' + message.content | trim + eos_token }}
{%- else -%}
{{ '[INST] ' + ns.system + message.content | trim + ' [/INST]' }}
{%- set ns.system = '' -%}
{%- endif -%}
{%- endfor -%}
)";

constexpr std::string_view kPhi3 = R"({%- for message in messages -%}
{{ '<|' + message.role + '|>\n' + message.content + '<|end|>\n' }}
{%- endfor -%}
{%- if add_generation_prompt -%}
{{ '<|assistant|>\n' }}
{%- endif -%}
)";

constexpr std::string_view kVicuna = R"({{- bos_token -}}
{%- for message in messages -%}
{%- if message.role == 'system' -%}
{{ message.content + '\n\n' }}
{%- elif message.role == 'assistant' -%}
{{ 'ASSISTANT: ' + message.content + eos_token + '\n' }}
{%- else -%}
{%- if loop.first -%}
{{ "A chat between a curious user and an artificial intelligence assistant. The assistant gives helpful, detailed, and polite answers to the user's questions.\n\n" }}
{%- endif -%}
{{ 'USER: ' + message.content + '\n' }}
{%- endif -%}
{%- endfor -%}
{%- if add_generation_prompt -%}
{{ 'ASSISTANT:' }}
{%- endif -%}
)";

constexpr std::string_view kZephyr = R"({%- for message in messages -%}
{{ '<|' + message.role + '|>\n' + message.content + eos_token + '\n' }}
{%- endfor -%}
{%- if add_generation_prompt -%}
{{ '<|assistant|>\n' }}
{%- endif -%}
)";

constexpr BuiltinTemplate kTemplates[] = {
    {"alpaca", kAlpaca},  {"chatml", kChatml},  {"gemma", kGemma},
    {"llama-2", kLlama2}, {"llama-3", kLlama3}, {"mistral", kMistral},
    {"phi-3", kPhi3},     {"vicuna", kVicuna},  {"zephyr", kZephyr},
};

// A name's letters and digits alone, in lower case: "Llama 2 7B-Chat" -> "llama27bchat".
std::string Squeezed(std::string_view name) {
  std::string out;
  for (const char c : name) {
    if (c >= 'A' && c <= 'Z')
      out.push_back(static_cast<char>(c + 32));
    else if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
      out.push_back(c);
  }
  return out;
}

}  // namespace

std::span<const BuiltinTemplate> BuiltinTemplates() { return kTemplates; }

std::string BuiltinTemplateNames() {
  std::string names;
  for (const auto& each : kTemplates) {
    if (!names.empty()) names += ", ";
    names += each.name;
  }
  return names;
}

Result<ChatTemplate> LoadBuiltinTemplate(std::string_view name) {
  for (const auto& each : kTemplates) {
    if (each.name == name) return ChatTemplate::Parse(std::string(each.source), std::string(name));
  }
  return MakeError(Code::kNotFound, "there is no chat template named '{}'; built in are {}", name,
                   BuiltinTemplateNames());
}

std::string_view GuessTemplate(const TemplateHints& hints) {
  static constexpr std::pair<std::string_view, std::string_view> kByToken[] = {
      {"<|im_start|>", "chatml"},   {"<|start_header_id|>", "llama-3"},
      {"<start_of_turn>", "gemma"}, {"<|end|>", "phi-3"},
      {"[INST]", "mistral"},
  };
  // Converters of 2023 called whatever had a context of 4096 tokens "LLaMA v2", so that is last.
  static constexpr std::pair<std::string_view, std::string_view> kByName[] = {
      {"vicuna", "vicuna"},  {"alpaca", "alpaca"},   {"zephyr", "zephyr"},   {"llama2", "llama-2"},
      {"llama3", "llama-3"}, {"mixtral", "mistral"}, {"mistral", "mistral"}, {"gemma", "gemma"},
      {"phi3", "phi-3"},     {"llamav2", "llama-2"},
  };
  for (const auto& [token, name] : kByToken) {
    if (hints.has_token && hints.has_token(token)) return name;
  }
  for (const auto& [part, name] : kByName) {
    for (const std::string_view hint : hints.names) {
      if (Squeezed(hint).find(part) != std::string::npos) return name;
    }
  }
  return "chatml";
}

}  // namespace ledge
