// ledge serve: the server.
#include <fmt/format.h>

#include <filesystem>

#include "base/units.h"
#include "cli/command.h"
#include "cli/input.h"
#include "cli/run_options.h"
#include "engine/template/builtin_templates.h"
#include "server/server.h"

namespace ledge {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;

class ServeCommand : public Command {
 public:
  void Declare(Options& options) override {
    options.About(
        "Answers OpenAI's, Ollama's and Anthropic's APIs. Models are loaded when they are asked "
        "for, "
        "each in a process of its own, and leave the memory when they idle or another one needs "
        "it.");
    options.Text("--listen", serve_.listen, "HOST:PORT; port 0 takes a free one and prints it");
    options.Texts("--model", serve_.models,
                  "load it at the start and keep it (repeatable): a name or a path");
    options.File("--api-key-file", serve_.api_key_file, "keys that clients must have, one a line");
    options.File("--tls-cert", serve_.tls_cert, "certificate chain, PEM: speak TLS");
    options.File("--tls-key", serve_.tls_key, "its private key, PEM");
    options.Flag("--insecure", serve_.insecure, "listen beyond this machine without keys");
    options.Texts("--allow-origin", serve_.allowed_origins,
                  "a web page of this origin may use the server (repeatable); * for all");
    options.Size("--memory-budget", budget_,
                 "of all models together; 0: most of the machine's memory");
    options.Duration("--keep-alive", serve_.residency.keep_alive,
                     "how long an idle model stays in memory");
    options.Duration("--batch-window", batch_window_,
                     "longest wait for more requests to begin together, while others run");
    options.Flag("--fixed-window", fixed_window_,
                 "wait for all of it, whatever comes: to measure what adapting brings");
    options.Whole("--prefix-cache", prefix_percent_, 0, 90,
                  "percent of the KV memory that kept beginnings of prompts may take");
    options.Flag("--share-prefixes", share_prefixes_,
                 "clients share them; the time of an answer tells what others asked");
    options.Whole("--max-batch", max_batch_, 1, 1024, "most sequences of one model at once");
    options.Whole("--queue", queue_, 0, 100000, "most requests that wait for one model");
    options.Whole("--queue-tokens", queue_tokens_, 0, 1'000'000'000,
                  "most tokens of prompts that wait to be computed by one model; 0: what it reads "
                  "in ten minutes");
    options.Duration("--max-stall", max_stall_,
                     "longest gap of running answers while prompts are read");
    compute_.Declare(options);
    shift_.Declare(options);
    options.WordOrFile(
        "--chat-template", template_, TemplateNames(),
        "a built-in template (" + BuiltinTemplateNames() + ") or a file, for all models");
    DeclareLimits(options);
    options.Examples(
        "  ledge serve --model smollm2\n"
        "  ledge serve --listen 0.0.0.0:11434 --api-key-file keys --memory-budget 6GiB\n"
        "  curl http://localhost:11434/v1/models");
  }

  Result<void> Run(Program& program) override {
    LEDGE_TRY(serve_.home, program.Home());
    LEDGE_CHECK_OK(program.os().MakeFolder(serve_.home + "/run"));
    // Absolute: workers find it from anywhere.
    std::error_code failed;
    serve_.home = std::filesystem::absolute(serve_.home, failed).string();
    for (std::string& model : serve_.models) {
      if (model.find('/') != model.npos && program.os().Status(model).ok())
        model = std::filesystem::absolute(model, failed).string();
    }
    serve_.unix_socket = serve_.home + "/run/ledge.sock";
    serve_.quiet = program.quiet;
    serve_.version = LEDGE_VERSION;
    serve_.limits.body_bytes = body_;
    serve_.limits.head_line_bytes = std::min<uint64_t>(head_line_, 1 << 20);
    serve_.limits.head_bytes = std::max<size_t>(serve_.limits.head_line_bytes * 2, 16 << 10);
    serve_.limits.headers = static_cast<size_t>(headers_);
    serve_.limits.connections = static_cast<size_t>(connections_);
    serve_.limits.connections_per_address = static_cast<size_t>(per_address_);
    ResidencyOptions& residency = serve_.residency;
    residency.memory_budget = budget_ > 0 ? budget_ : program.os().TotalMemory() / 10 * 8;
    residency.sequences = static_cast<uint32_t>(max_batch_);
    residency.queue = static_cast<uint32_t>(queue_);
    Setup& setup = residency.setup;
    setup.home = serve_.home;
    setup.context = static_cast<uint32_t>(compute_.context);
    setup.threads = static_cast<int>(compute_.threads);
    setup.kv_type = compute_.kv_type;
    setup.max_stall = max_stall_;
    setup.batch_window = batch_window_;
    setup.fixed_window = fixed_window_;
    setup.prefix_percent = static_cast<uint32_t>(prefix_percent_);
    setup.share_prefixes = share_prefixes_;
    setup.context_shift = shift_.enabled;
    setup.keep = shift_.Asked().keep;
    setup.queue_tokens = static_cast<uint64_t>(queue_tokens_);
    if (template_) {
      if (program.os().Status(*template_).ok()) {
        LEDGE_TRY(setup.template_source, ReadTextFile(program, *template_));
      } else {
        setup.chat_template = *template_;
      }
    }
    return Serve(program.os(), serve_, [](std::string_view line) {
      fmt::print(stderr, "{}\n", line);
      std::fflush(stderr);
    });
  }

 private:
  static std::vector<std::string> TemplateNames() {
    std::vector<std::string> names;
    for (const BuiltinTemplate& builtin : BuiltinTemplates()) names.emplace_back(builtin.name);
    return names;
  }

  void DeclareLimits(Options& options) {
    options.Size("--max-body", body_, "largest body of a request");
    options.Size("--max-header-line", head_line_, "longest line of a request's head");
    options.Whole("--max-headers", headers_, 1, 1000, "most headers of a request");
    options.Duration("--header-timeout", serve_.limits.head_time,
                     "longest time for a request's head");
    options.Duration("--body-idle-timeout", serve_.limits.body_idle, "longest pause within a body");
    options.Duration("--body-timeout", serve_.limits.body_time, "longest time for a body in all");
    options.Duration("--write-timeout", serve_.limits.write_stall,
                     "longest time in which a client takes nothing of its answer");
    options.Duration("--idle-timeout", serve_.limits.keep_alive,
                     "how long a connection may wait for its next request");
    options.Whole("--max-connections", connections_, 1, 100000, "most connections at once");
    options.Whole("--max-connections-per-address", per_address_, 1, 100000,
                  "most of one address, but for loopback and clients with a key");
  }

  ServerOptions serve_;
  ComputeOptions compute_;
  ShiftOptions shift_;
  std::optional<std::string> template_;
  uint64_t budget_ = 0;
  nanoseconds batch_window_ = milliseconds(20);
  nanoseconds max_stall_ = milliseconds(200);
  bool fixed_window_ = false;
  int64_t prefix_percent_ = 50;
  bool share_prefixes_ = false;
  int64_t max_batch_ = 16;
  int64_t queue_ = 64;
  int64_t queue_tokens_ = 0;
  uint64_t body_ = 8 << 20;
  uint64_t head_line_ = 8 << 10;
  int64_t headers_ = 64;
  int64_t connections_ = 256;
  int64_t per_address_ = 16;
};

}  // namespace

extern const CommandEntry kCommand_serve;
const CommandEntry kCommand_serve = {"serve", "serve models to other programs",
                                     MakeCommand<ServeCommand>};

}  // namespace ledge
