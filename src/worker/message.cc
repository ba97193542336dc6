#include "worker/message.h"

#include "worker/cbor_archive.h"
#include "worker/cbor_shape.h"

namespace ledge {
namespace {

// One description of every message's fields serves both directions (cbor_archive.h).
template <typename T, typename U>
concept Is = std::same_as<std::remove_const_t<T>, U>;

template <typename A, Is<SamplingOptions> T>
void Fields(A& a, T& s) {
  a("temperature", s.temperature);
  a("top_k", s.top_k);
  a("top_p", s.top_p);
  a("min_p", s.min_p);
  a("typical_p", s.typical_p);
  a("repeat_penalty", s.repeat_penalty);
  a("presence_penalty", s.presence_penalty);
  a("frequency_penalty", s.frequency_penalty);
  a("repeat_last_n", s.repeat_last_n);
  a("logit_bias", s.logit_bias);
  a("seed", s.seed);
  a("top_logprobs", s.top_logprobs);
}
template <typename A, Is<Ask> T>
void Fields(A& a, T& ask) {
  a.Enum("kind", ask.kind, static_cast<int>(AskKind::kEmbed));
  a("messages", ask.messages);
  a("tools", ask.tools);
  a("variables", ask.variables);
  a("text", ask.text);
  a("tokens", ask.tokens);
  Fields(a, ask.sampling);
  a("random_seed", ask.random_seed);
  a("stop", ask.stop);
  a("max_tokens", ask.max_tokens);
  a("ignore_end", ask.ignore_end);
  a.Enum("grammar_kind", ask.grammar.kind, static_cast<int>(GrammarKind::kGbnf));
  a("grammar", ask.grammar.text);
  a("forced_call", ask.forced_call);
  a("tool_names", ask.tool_names);
  a("echo_tokens", ask.echo_tokens);
  a("client", ask.client);
  a("priority", ask.priority);
  a("deadline", ask.deadline);
}
template <typename A, Is<AskUsage> T>
void Fields(A& a, T& u) {
  a("prompt_tokens", u.prompt_tokens);
  a("cached_tokens", u.cached_tokens);
  a("completion_tokens", u.completion_tokens);
  a("forced_tokens", u.forced_tokens);
  a("dropped_tokens", u.dropped_tokens);
  a("to_first_token", u.to_first_token);
  a("total", u.total);
}

template <typename A, Is<Setup> T>
void Fields(A& a, T& m) {
  a("home", m.home);
  a("model", m.model);
  a("context", m.context);
  a("sequences", m.sequences);
  a("threads", m.threads);
  a("kv_type", m.kv_type);
  a("chat_template", m.chat_template);
  a("template_source", m.template_source);
  a("max_stall", m.max_stall);
  a("batch_window", m.batch_window);
  a("fixed_window", m.fixed_window);
  a("prefix_percent", m.prefix_percent);
  a("share_prefixes", m.share_prefixes);
  a("context_shift", m.context_shift);
  a("keep", m.keep);
  a("queue_tokens", m.queue_tokens);
}
template <typename A, Is<Grant> T>
void Fields(A& a, T& m) {
  a("kv_bytes", m.kv_bytes);
  a("weights_bytes", m.weights_bytes);
}
template <typename A, Is<SubmitAsk> T>
void Fields(A& a, T& m) {
  a("id", m.id);
  Fields(a, m.ask);
}
template <typename A, Is<CancelAsk> T>
void Fields(A& a, T& m) {
  a("id", m.id);
}
template <typename A, Is<Described> T>
void Fields(A& a, T& m) {
  a("weights_bytes", m.weights_bytes);
  a("least_weights_bytes", m.least_weights_bytes);
  a("scratch_bytes", m.scratch_bytes);
  a("kv_sequence_bytes", m.kv_sequence_bytes);
  a("context", m.context);
  a("trained_context", m.trained_context);
  a("architecture", m.architecture);
  a("quantisation", m.quantisation);
  a("parameters", m.parameters);
  a("confinement", m.confinement);
  a("chat_template", m.chat_template);
  a("guesses", m.guesses);
}
template <typename A, Is<SetupFailed> T>
void Fields(A& a, T& m) {
  a("error", m.error);
}
template <typename A, Is<Note> T>
void Fields(A& a, T& m) {
  a("text", m.text);
}
template <typename A, Is<Ready> T>
void Fields(A&, T&) {}
template <typename A, Is<Started> T>
void Fields(A& a, T& m) {
  a("id", m.id);
  a("prompt_tokens", m.started.prompt_tokens);
  a("cached_tokens", m.started.cached_tokens);
  a.Enum("tool_format", m.started.tool_format, static_cast<int>(ToolFormat::kForced));
  a("thinking", m.started.thinking);
}
template <typename A, Is<Piece> T>
void Fields(A& a, T& m) {
  a("id", m.id);
  a("text", m.piece.text);
  a("tokens", m.piece.tokens);
  a("ids", m.piece.ids);
  a("logprobs", m.piece.logprobs);
  a("top", m.piece.top);
}
template <typename A, Is<Ended> T>
void Fields(A& a, T& m) {
  a("id", m.id);
  a.Enum("finish", m.end.finish, static_cast<int>(AskFinish::kCancelled));
  a("stop_string", m.end.stop_string);
  Fields(a, m.end.usage);
  a("embedding", m.end.embedding);
}
template <typename A, Is<Refused> T>
void Fields(A& a, T& m) {
  a("id", m.id);
  a("error", m.error);
  a("too_long", m.too_long);
  a("retry_after", m.retry_after);
}
template <typename A, Is<Numbers> T>
void Fields(A& a, T& m) {
  a("running", m.running);
  a("waiting", m.waiting);
  a("waiting_tokens", m.waiting_tokens);
  a("kv_bytes", m.kv_bytes);
  a("prefix_bytes", m.prefix_bytes);
  a("steps", m.steps);
  a("step_columns", m.step_columns);
  a("in_steps", m.in_steps);
  a("in_forms", m.in_forms);
  a("prompt_computed", m.prompt_computed);
  a("prompt_cached", m.prompt_cached);
  a("completion", m.completion);
  a("forced", m.forced);
}

template <typename Variant>
std::string EncodeAll(const std::vector<Variant>& messages) {
  Cbor list = Cbor::array();
  for (const Variant& message : messages) {
    Cbor map = Cbor::object();
    map["t"] = message.index();
    CborWriter writer(map);
    std::visit([&](const auto& m) { Fields(writer, m); }, message);
    list.push_back(std::move(map));
  }
  std::string bytes;
  Cbor::to_cbor(list, bytes);
  return bytes;
}

template <typename Variant, size_t I = 0>
void Emplace(Variant& variant, size_t index) {
  if constexpr (I < std::variant_size_v<Variant>) {
    if (index == I) {
      variant.template emplace<I>();
    } else {
      Emplace<Variant, I + 1>(variant, index);
    }
  }
}

template <typename Variant>
Result<std::vector<Variant>> DecodeAll(std::string_view payload) {
  LEDGE_CHECK_OK(CheckCborShape(payload));
  const Cbor list = Cbor::from_cbor(payload.begin(), payload.end(), true, false);
  if (!list.is_array()) return MakeError(Code::kMalformed, "a message is no CBOR array");
  std::vector<Variant> messages;
  for (const Cbor& map : list) {
    const auto type = map.is_object() ? map.find("t") : map.end();
    if (!map.is_object() || type == map.end() || !type->is_number_unsigned() ||
        type->get<uint64_t>() >= std::variant_size_v<Variant>)
      return MakeError(Code::kMalformed, "a message of an unknown kind");
    Variant& message = messages.emplace_back();
    Emplace(message, type->get<size_t>());
    bool ok = true;
    std::string problem;
    CborReader reader(map, ok, problem);
    std::visit([&](auto& m) { Fields(reader, m); }, message);
    if (!ok) {
      return MakeError(Code::kMalformed, "message {}: field '{}' is missing or of another type",
                       message.index(), problem);
    }
  }
  return messages;
}

}  // namespace

std::string Encode(const std::vector<FrontMessage>& messages) { return EncodeAll(messages); }
std::string Encode(const std::vector<WorkerMessage>& messages) { return EncodeAll(messages); }
Result<std::vector<FrontMessage>> DecodeFront(std::string_view payload) {
  return DecodeAll<FrontMessage>(payload);
}
Result<std::vector<WorkerMessage>> DecodeWorker(std::string_view payload) {
  return DecodeAll<WorkerMessage>(payload);
}

}  // namespace ledge
