// ledge run: answers a prompt, or chats.
#include <nlohmann/json.hpp>

#include "api/json.h"
#include "base/utf8.h"
#include "cli/chat.h"
#include "cli/client/remote_answer.h"
#include "cli/client/server_option.h"
#include "cli/command.h"
#include "cli/generate.h"
#include "cli/input.h"
#include "cli/interrupt.h"
#include "cli/terminal_text.h"
#include "engine/ordered_json.h"
#include "engine/prompt.h"
#include "engine/template/builtin_templates.h"

namespace ledge {
namespace {

double Milliseconds(std::chrono::nanoseconds time) {
  return static_cast<double>(time.count()) / 1e6;
}

Json LogprobsJson(const Tokenizer& tokenizer, const std::vector<TokenReport>& reports) {
  const auto entry = [&](Token token, float logprob) -> Json {
    return {{"id", token}, {"token", Utf8Sanitized(tokenizer.Piece(token))}, {"logprob", logprob}};
  };
  Json list = Json::array();
  for (const TokenReport& report : reports) {
    Json row = entry(report.token, report.logprob);
    if (!report.top.empty()) {
      row["top"] = Json::array();
      for (const TokenLogprob& other : report.top)
        row["top"].push_back(entry(other.token, other.logprob));
    }
    list.push_back(std::move(row));
  }
  return list;
}

std::vector<std::string> TemplateNames() {
  std::vector<std::string> names;
  for (const BuiltinTemplate& builtin : BuiltinTemplates()) names.emplace_back(builtin.name);
  return names;
}

class RunCommand : public Command {
 public:
  void Declare(Options& options) override {
    argument_.DeclareModel(options);
    options.OptionalArgument("PROMPT", prompt_,
                             "what to answer; piped text if left out; on a terminal a chat begins");
    argument_.DeclareStoreOptions(options);
    answer_.Declare(options);
    options.Text("--system", system_, "the system message");
    options.Flag("--raw", raw_, "no chat template: go on with the prompt as it is");
    options.WordOrFile("--chat-template", template_, TemplateNames(),
                       "a built-in template (" + BuiltinTemplateNames() + ") or a file");
    options.Text("--chat-template-kwargs", variables_text_,
                 "a JSON object of variables for the template, like {\"enable_thinking\": false}");
    options.Whole("--logprobs", logprobs_, 0, kMaxTopLogprobs,
                  "with --json: log-probabilities, and the N likeliest beside");
    compute_.Declare(options);
    shift_.Declare(options);
    server_.DeclareFor(options,
                       "a running server (URL or socket) answers, as it was started; paths are run "
                       "here all the same");
    options.Flag(
        "--json", json_,
        "{\"text\",\"ids\",\"prompt_tokens\",\"completion_tokens\",\"finish_reason\",\"timings\"}");
    options.Examples(
        "  ledge run smollm2 \"Why is the sky blue?\"\n"
        "  ledge run smollm2                              chat; /help tells more\n"
        "  git diff | ledge run ./model.gguf --system \"Write a commit message.\"\n"
        "  ledge run smollm2 --schema person.json \"Who wrote Faust?\"\n"
        "  ledge run smollm2 --server http://gateway:11434 \"Hello\"\n"
        "  ledge run ./base.gguf --raw --temperature 0 -n 32 \"Once upon a time\"");
  }

  Result<void> Run(Program& program) override {
    program.json = json_;
    if (auto request = answer_.ToRequest(program.os(), -1); !request.ok())
      return std::move(request).error();
    LEDGE_CHECK_OK(ReadVariables());
    const bool chat =
        !prompt_ && program.stdin_is_terminal() && program.stdout_is_terminal() && !json_;
    if (!chat && !prompt_) {
      LEDGE_TRY(prompt_, ReadStdin(program));
    }
    if (!server_.server.empty() && !IsPath(argument_.model)) return AnswerElsewhere(program, chat);
    LEDGE_TRY(const Session session, OpenSession(program, argument_, compute_, {}));
    LEDGE_TRY(const Tokenizer* tokenizer, session.RequireTokenizer(program));
    LEDGE_CHECK_OK(answer_.HoldTo(program, *tokenizer));
    Engine engine(
        *session.executor, *tokenizer,
        {.context = session.context, .shift = shift_.Asked(), .kept_prefixes = chat ? 1u : 0u});
    LEDGE_TRY(const ChosenTemplate chosen, Template(program, session, *tokenizer));
    if (chat) {
      return Chat(program, engine, *tokenizer,
                  {chosen.chat_template, variables_, answer_, system_});
    }
    return AnswerOnce(program, engine, *tokenizer, chosen.chat_template);
  }

 private:
  // A file of this machine is no business of a server that may be another one.
  static bool IsPath(std::string_view model) {
    return model.starts_with('/') || model.starts_with('.') || model.starts_with('~') ||
           model.ends_with(".gguf");
  }

  Result<void> ReadVariables() {
    if (!variables_text_) return {};
    auto read = ParseOrderedJson(*variables_text_);
    if (!read.ok())
      return MakeError(Code::kUsage, "--chat-template-kwargs {}", read.error().message);
    if (!read->is_object()) {
      return MakeError(Code::kUsage, "--chat-template-kwargs is {}; must be a JSON object",
                       PrintableLine(*variables_text_, 100));
    }
    variables_ = *std::move(read);
    return {};
  }

  Result<void> AnswerElsewhere(Program& program, bool chat) const {
    if (chat)
      return MakeError(Code::kUsage, "--server answers one prompt and doesn't chat; give a PROMPT");
    if (template_ || logprobs_) {
      return MakeError(
          Code::kUsage,
          "--chat-template and --logprobs are given beside --server; must be left out: "
          "the server answers as it was started");
    }
    LEDGE_TRY(HttpClient client, server_.Connect(program));
    return AnswerRemotely(program, client,
                          {.model = argument_.model,
                           .text = *prompt_,
                           .system = system_,
                           .variables = variables_,
                           .raw = raw_,
                           .json = json_},
                          answer_);
  }

  Result<ChosenTemplate> Template(Program& program, const Session& session,
                                  const Tokenizer& tokenizer) const {
    TemplateWish wish;
    if (template_) {
      if (program.os().Status(*template_).ok()) {
        LEDGE_TRY(wish.source, ReadTextFile(program, *template_));
        wish.source_name = *template_;
      } else {
        wish.builtin = *template_;
      }
    }
    auto chosen = ChooseTemplate(session.packed->header(), tokenizer, wish);
    // A template that can't be read doesn't matter where none is used.
    if (!chosen.ok() && raw_)
      return ChooseTemplate(session.packed->header(), tokenizer, {.builtin = "chatml"});
    if (chosen.ok() && chosen->guessed && !raw_) {
      program.Warn(
          fmt::format("the model file has no chat template; guessed '{}' (--chat-template chooses, "
                      "--raw uses none)",
                      chosen->chat_template.name()));
    }
    return chosen;
  }

  Result<std::vector<Token>> Prompt(const Tokenizer& tokenizer,
                                    const ChatTemplate& chat_template) const {
    if (raw_) return PromptFromText(tokenizer, *prompt_);
    Json messages = Json::array();
    if (system_) messages.push_back({{"role", "system"}, {"content", Utf8Sanitized(*system_)}});
    messages.push_back({{"role", "user"}, {"content", Utf8Sanitized(*prompt_)}});
    LEDGE_TRY(ChatPrompt prompt,
              PromptFromConversation(chat_template, tokenizer,
                                     {.messages = &messages, .variables = &variables_}));
    return std::move(prompt.tokens);
  }

  Result<void> AnswerOnce(Program& program, Engine& engine, const Tokenizer& tokenizer,
                          const ChatTemplate& chat_template) const {
    LEDGE_TRY(Request request,
              answer_.ToRequest(program.os(), json_ ? logprobs_.value_or(-1) : -1));
    LEDGE_TRY(request.prompt, Prompt(tokenizer, chat_template));
    StopFlag stop;
    const InterruptGuard guard(stop);
    TerminalText safe(program.stdout_is_terminal());
    LEDGE_TRY(const Answer answer,
              Generate(engine, std::move(request), stop, [&](std::string_view text) {
                if (!json_) program.Print(safe.Pass(text));
                if (program.output_lost()) stop.Set(StopFlag::Ask::kStop);
              }));
    if (json_) {
      program.PrintJson(Document(tokenizer, answer));
    } else if (answer.finish != FinishReason::kCancelled || !answer.text.empty()) {
      if (!answer.text.ends_with('\n')) program.Print("\n");
    }
    SayWhereItEnded(program, engine, answer);
    if (answer.finish == FinishReason::kCancelled && !program.output_lost())
      return MakeError(Code::kInterrupted, "interrupted");
    return {};
  }

  static void SayWhereItEnded(Program& program, const Engine& engine, const Answer& answer) {
    const RequestTimings& t = answer.timings;
    // Without memory for more it ends alike, earlier.
    const bool full = t.prompt_tokens + t.completion_tokens >= engine.context();
    if (answer.finish == FinishReason::kContext && full) {
      program.Inform(fmt::format(
          "ledge: note: the answer ends because the context of {} tokens is full; a larger --ctx "
          "or --context-shift lets it go on",
          engine.context()));
    }
    if (t.dropped_tokens > 0) {
      program.Inform(
          fmt::format("ledge: note: the answer outgrew the context of {} tokens; {} "
                      "older ones were dropped",
                      engine.context(), t.dropped_tokens));
    }
  }

  Json Document(const Tokenizer& tokenizer, const Answer& answer) const {
    const RequestTimings& t = answer.timings;
    const double decode = Milliseconds(t.total - t.to_first_token);
    Json document = {
        {"text", answer.text},
        {"ids", answer.ids},
        {"prompt_tokens", t.prompt_tokens},
        {"completion_tokens", t.completion_tokens},
        {"finish_reason", FinishReasonName(answer.finish)},
        {"timings",
         {{"ttft_ms", Milliseconds(t.to_first_token)},
          {"total_ms", Milliseconds(t.total)},
          {"decode_tokens_per_second",
           t.completion_tokens > 1 ? (t.completion_tokens - 1) * 1000.0 / decode : 0.0}}}};
    if (t.dropped_tokens > 0) document["context_shift"] = {{"dropped_tokens", t.dropped_tokens}};
    if (logprobs_) document["logprobs"] = LogprobsJson(tokenizer, answer.logprobs);
    return document;
  }

  ModelArgument argument_;
  ComputeOptions compute_;
  ShiftOptions shift_;
  ServerOption server_;
  AnswerOptions answer_;
  std::optional<std::string> prompt_;
  std::optional<std::string> system_;
  std::optional<std::string> template_;
  std::optional<std::string> variables_text_;
  Json variables_ = Json::object();
  std::optional<int64_t> logprobs_;
  bool raw_ = false;
  bool json_ = false;
};

}  // namespace

extern const CommandEntry kCommand_run;
const CommandEntry kCommand_run = {"run", "answer a prompt, or chat", MakeCommand<RunCommand>};

}  // namespace ledge
