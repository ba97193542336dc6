#include "worker/message.h"

#include <cmath>
#include <nlohmann/json.hpp>

#include "worker/cbor_shape.h"

namespace ledge {
namespace {

using Cbor = nlohmann::json;

// One description of every message's fields serves both directions: an Archive either puts a field
// into a map or takes it out, checking its type.
class Writer {
 public:
  explicit Writer(Cbor& map) : map_(map) {}
  void operator()(const char* name, const std::string& v) { map_[name] = v; }
  void operator()(const char* name, bool v) { map_[name] = v; }
  void operator()(const char* name, float v) { map_[name] = v; }
  template <typename T>
    requires std::is_integral_v<T>
  void operator()(const char* name, T v) {
    map_[name] = v;
  }
  template <typename R, typename P>
  void operator()(const char* name, const std::chrono::duration<R, P>& v) {
    map_[name] = static_cast<int64_t>(v.count());
  }
  template <typename T>
  void operator()(const char* name, const std::optional<T>& v) {
    if (v) (*this)(name, *v);
  }
  template <typename T>
  void operator()(const char* name, const std::vector<T>& list) {
    Cbor array = Cbor::array();
    for (const T& entry : list) {
      Cbor wrapped = Cbor::object();
      Writer inner(wrapped);
      inner("v", entry);
      array.push_back(std::move(wrapped["v"]));
    }
    map_[name] = std::move(array);
  }
  void operator()(const char* name, const std::pair<Token, float>& v) {
    map_[name] = Cbor::array({v.first, v.second});
  }
  void operator()(const char* name, const TokenShare& v) {
    map_[name] = Cbor::array({v.token, v.bytes, v.logprob});
  }
  void operator()(const char* name, const Error& v) {
    map_[name] = Cbor::array({static_cast<int>(v.code), v.message});
  }
  template <typename E>
    requires std::is_enum_v<E>
  void Enum(const char* name, E v, int) {
    map_[name] = static_cast<int>(v);
  }

 private:
  Cbor& map_;
};

class Reader {
 public:
  Reader(const Cbor& map, bool& ok, std::string& problem) : map_(map), ok_(ok), problem_(problem) {}

  void operator()(const char* name, std::string& v) { Read(Find(name), name, v); }
  void operator()(const char* name, bool& v) { Read(Find(name), name, v); }
  void operator()(const char* name, float& v) { Read(Find(name), name, v); }
  template <typename T>
    requires std::is_integral_v<T>
  void operator()(const char* name, T& v) {
    Read(Find(name), name, v);
  }
  template <typename R, typename P>
  void operator()(const char* name, std::chrono::duration<R, P>& v) {
    R count = 0;
    Read(Find(name), name, count);
    v = std::chrono::duration<R, P>(count);
  }
  template <typename T>
  void operator()(const char* name, std::optional<T>& v) {
    if (!map_.contains(name)) return;
    T value{};
    Read(Find(name), name, value);
    v = value;
  }
  template <typename T>
  void operator()(const char* name, std::vector<T>& list) {
    Read(Find(name), name, list);
  }
  void operator()(const char* name, Error& v) {
    const Cbor* json = Find(name);
    int code = 0;
    if (!IsTuple(json, 2)) return Fail(name);
    Read(&(*json)[0], name, code);
    Read(&(*json)[1], name, v.message);
    if (code < 0 || code > static_cast<int>(Code::kInterrupted)) return Fail(name);
    v.code = static_cast<Code>(code);
  }
  template <typename E>
    requires std::is_enum_v<E>
  void Enum(const char* name, E& v, int last) {
    int value = 0;
    Read(Find(name), name, value);
    if (value < 0 || value > last) return Fail(name);
    v = static_cast<E>(value);
  }

 private:
  const Cbor* Find(const char* name) const {
    const auto found = map_.find(name);
    return found == map_.end() ? nullptr : &*found;
  }
  static bool IsTuple(const Cbor* json, size_t size) {
    return json != nullptr && json->is_array() && json->size() == size;
  }
  void Fail(const char* name) {
    if (ok_) problem_ = name;
    ok_ = false;
  }
  void Read(const Cbor* json, const char* name, std::string& v) {
    if (json == nullptr || !json->is_string()) return Fail(name);
    v = json->get_ref<const std::string&>();
  }
  void Read(const Cbor* json, const char* name, bool& v) {
    if (json == nullptr || !json->is_boolean()) return Fail(name);
    v = json->get<bool>();
  }
  void Read(const Cbor* json, const char* name, float& v) {
    if (json == nullptr || !json->is_number() || std::isnan(json->get<double>())) return Fail(name);
    v = json->get<float>();
  }
  template <typename T>
    requires std::is_integral_v<T>
  void Read(const Cbor* json, const char* name, T& v) {
    if (json == nullptr || !json->is_number_integer()) return Fail(name);
    const bool fits = json->is_number_unsigned() ? std::in_range<T>(json->get<uint64_t>())
                                                 : std::in_range<T>(json->get<int64_t>());
    if (!fits) return Fail(name);
    v = json->get<T>();
  }
  void Read(const Cbor* json, const char* name, std::pair<Token, float>& v) {
    if (!IsTuple(json, 2)) return Fail(name);
    Read(&(*json)[0], name, v.first);
    Read(&(*json)[1], name, v.second);
  }
  void Read(const Cbor* json, const char* name, TokenShare& v) {
    if (!IsTuple(json, 3)) return Fail(name);
    Read(&(*json)[0], name, v.token);
    Read(&(*json)[1], name, v.bytes);
    Read(&(*json)[2], name, v.logprob);
  }
  template <typename T>
  void Read(const Cbor* json, const char* name, std::vector<T>& list) {
    if (json == nullptr || !json->is_array()) return Fail(name);
    list.clear();
    for (const Cbor& entry : *json) {
      if (!ok_) return;
      Read(&entry, name, list.emplace_back());
    }
  }

  const Cbor& map_;
  bool& ok_;
  std::string& problem_;
};

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
    Writer writer(map);
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
    Reader reader(map, ok, problem);
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
