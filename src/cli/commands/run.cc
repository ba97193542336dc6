// ledge run: answers a prompt, or chats.
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "api/json.h"
#include "base/utf8.h"
#include "cli/answer_printer.h"
#include "cli/chat.h"
#include "cli/client/server_answerer.h"
#include "cli/client/server_option.h"
#include "cli/command.h"
#include "cli/command_line.h"
#include "cli/engine_answerer.h"
#include "cli/input.h"
#include "cli/interrupt.h"
#include "cli/run_options.h"
#include "engine/template/builtin_templates.h"

namespace ledge {
namespace {

double Milliseconds(std::chrono::nanoseconds time) {
  return static_cast<double>(time.count()) / 1e6;
}

Json ReportJson(const TokenReport& report) {
  return {{"id", report.token}, {"token", report.text}, {"logprob", report.logprob}};
}

Json LogprobsJson(const std::vector<TokenReport>& reports) {
  Json list = Json::array();
  for (const TokenReport& report : reports) {
    list.push_back(ReportJson(report));
    if (report.top.empty()) continue;
    Json& top = list.back()["top"] = Json::array();
    for (const TokenReport& other : report.top) top.push_back(ReportJson(other));
  }
  return list;
}

// What the person at this command line wants of the computing itself, which a server that happens
// to run was not started with; empty: nothing.
std::string WishForHere(const Program& program) {
  if (std::getenv("LEDGE_ISA") != nullptr) return "LEDGE_ISA";
  for (const OptionSpec& option : program.command_line->FindCommand("run")->options) {
    for (const std::string_view name :
         {"--threads", "--ctx", "--kv-type", "--context-shift", "--keep", "--no-store"}) {
      if (option.long_name == name && option.Given()) return option.long_name;
    }
  }
  return {};
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
    argument_.reads_text = true;
    options.OptionalArgument("PROMPT", prompt_,
                             "what to answer; piped text if left out; on a terminal a chat begins");
    argument_.DeclareStoreOptions(options);
    answer_.Declare(options);
    options.Text("--system", system_, "the system message");
    options.Flag("--raw", raw_, "no chat template: go on with the prompt as it is");
    options.WordOrFile("--chat-template", template_, TemplateNames(),
                       "a built-in template (" + BuiltinTemplateNames() + ") or a file");
    options.Text("--chat-template-kwargs", answer_.template_variables,
                 "a JSON object of variables for the template, like {\"enable_thinking\": false}");
    options.Whole("--logprobs", logprobs_, 0, kMaxTopLogprobs,
                  "with --json: log-probabilities, and the N likeliest beside");
    compute_.Declare(options);
    shift_.Declare(options);
    server_.DeclareFor(options,
                       "the server (URL or socket) that answers, as it was started; paths are run "
                       "here all the same. Without it the one of this store answers if it runs");
    options.Flag("--no-server", no_server_, "compute here, whatever server runs");
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
    if (auto variables = answer_.Variables(); !variables.ok()) return std::move(variables).error();
    const bool chat =
        !prompt_ && program.stdin_is_terminal() && program.stdout_is_terminal() && !json_;
    if (!chat && !prompt_) {
      LEDGE_TRY(prompt_, ReadStdin(program));
    }
    if (!server_.server.empty() && !no_server_ && !IsPath(argument_.model))
      return AnswerElsewhere(program, chat);
    LEDGE_TRY(auto running, FindRunning(program));
    if (running) {
      ServerAnswerer answerer(*std::move(running), argument_.model, answer_);
      LEDGE_CHECK_OK(answerer.Prepare(program));
      if (chat) return Chat(program, answerer, system_);
      LEDGE_TRY(const bool answered, AnswerIfItCan(program, answerer));
      if (answered) return {};
    }
    return AnswerHere(program, chat);
  }

 private:
  // A file of this machine is no business of a server that may be another one.
  static bool IsPath(std::string_view model) {
    return model.starts_with('/') || model.starts_with('.') || model.starts_with('~') ||
           model.ends_with(".gguf");
  }

  Result<void> AnswerHere(Program& program, bool chat) {
    LEDGE_TRY(const Session session, OpenSession(program, argument_, compute_, {}));
    LEDGE_TRY(const Tokenizer* tokenizer, session.RequireTokenizer(program));
    Engine engine(
        *session.executor, *tokenizer,
        {.context = session.context, .shift = shift_.Asked(), .kept_prefixes = chat ? 1u : 0u});
    LEDGE_TRY(const ChosenTemplate chosen, Template(program, session, *tokenizer));
    EngineAnswerer answerer(program.os(), engine, *tokenizer, chosen.chat_template, answer_,
                            json_ ? logprobs_.value_or(-1) : -1);
    LEDGE_CHECK_OK(answerer.Prepare(program));
    return chat ? Chat(program, answerer, system_) : AnswerOnce(program, answerer);
  }

  // The server that was named.
  Result<void> AnswerElsewhere(Program& program, bool chat) {
    if (template_ || logprobs_) {
      return MakeError(
          Code::kUsage,
          "--chat-template and --logprobs are given beside --server; must be left out: "
          "the server answers as it was started");
    }
    LEDGE_TRY(HttpClient client, server_.Connect(program));
    ServerAnswerer answerer(std::move(client), argument_.model, answer_);
    LEDGE_CHECK_OK(answerer.Prepare(program));
    return chat ? Chat(program, answerer, system_) : AnswerOnce(program, answerer);
  }

  // A server that happens to run, where it would give the answer that is given here.
  Result<std::optional<HttpClient>> FindRunning(Program& program) const {
    if (no_server_ || template_ || logprobs_) return std::optional<HttpClient>();
    LEDGE_TRY(const auto named, NameOf(program, argument_));
    if (!named) return std::optional<HttpClient>();
    auto found = server_.FindServing(program, named->name, named->stored);
    if (!found) return found;
    if (const std::string wish = WishForHere(program); !wish.empty()) {
      program.Detail("a server runs that has " + named->name +
                     "; computed here all the same: " + wish + " is given");
      return std::optional<HttpClient>();
    }
    program.Detail("the server at " + found->address() + " answers; --no-server computes here");
    return found;
  }

  // False: nothing was answered, since it was asked for what that server doesn't do: a sampling
  // option out of the API's range, a prompt over the context that it was started with.
  Result<bool> AnswerIfItCan(Program& program, Answerer& answerer) const {
    const auto done = AnswerOnce(program, answerer);
    if (done.ok()) return true;
    const Error& error = done.error();
    if (error.code != Code::kUsage && error.code != Code::kNotFound) return error;
    program.Detail(error.message + "; computed here");
    return false;
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
      program.Warn(GuessOfTemplate(*chosen) + " (--chat-template chooses, --raw uses none)");
    }
    return chosen;
  }

  Result<void> AnswerOnce(Program& program, Answerer& answerer) const {
    Json messages = Json::array();
    if (system_) messages.push_back({{"role", "system"}, {"content", Utf8Sanitized(*system_)}});
    messages.push_back({{"role", "user"}, {"content", Utf8Sanitized(*prompt_)}});
    StopFlag stop;
    const InterruptGuard guard(stop);
    AnswerPrinter printer(program);
    auto asked = answerer.Ask({.messages = raw_ ? nullptr : &messages, .text = *prompt_}, stop,
                              [&](const AnswerPart& part) {
                                if (!json_) printer.Print(part);
                                if (program.output_lost()) stop.Set(StopFlag::Ask::kStop);
                              });
    printer.End();
    LEDGE_TRY(const Answer answer, std::move(asked));
    if (!answer.too_long.empty()) return Error{Code::kUsage, answer.too_long};
    if (json_) {
      program.PrintJson(Document(answer));
    } else if (answer.finish != FinishReason::kCancelled || !answer.text.empty()) {
      if (!answer.text.ends_with('\n')) program.Print("\n");
    }
    SayWhereItEnded(program, answerer.context(), answer);
    if (answer.finish == FinishReason::kCancelled && !program.output_lost())
      return MakeError(Code::kInterrupted, "interrupted");
    return {};
  }

  static void SayWhereItEnded(Program& program, uint32_t context, const Answer& answer) {
    const RequestTimings& t = answer.timings;
    // Without memory for more it ends alike, earlier.
    const bool full = context > 0 && t.prompt_tokens + t.completion_tokens >= context;
    if (answer.finish == FinishReason::kContext && full) {
      program.Inform(fmt::format(
          "ledge: note: the answer ends because the context of {} tokens is full; a larger --ctx "
          "or --context-shift lets it go on",
          context));
    }
    if (t.dropped_tokens > 0) {
      program.Inform(
          fmt::format("ledge: note: the answer outgrew the context; {} older tokens were dropped",
                      t.dropped_tokens));
    }
  }

  Json Document(const Answer& answer) const {
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
    if (!answer.reasoning.empty()) document["reasoning"] = answer.reasoning;
    if (t.dropped_tokens > 0) document["context_shift"] = {{"dropped_tokens", t.dropped_tokens}};
    if (logprobs_) document["logprobs"] = LogprobsJson(answer.logprobs);
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
  std::optional<int64_t> logprobs_;
  bool no_server_ = false;
  bool raw_ = false;
  bool json_ = false;
};

}  // namespace

extern const CommandEntry kCommand_run;
const CommandEntry kCommand_run = {"run", "answer a prompt, or chat", MakeCommand<RunCommand>};

}  // namespace ledge
