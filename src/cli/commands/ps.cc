// ledge ps: models in memory on the running server.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "api/json.h"
#include "base/units.h"
#include "cli/client/server_option.h"
#include "cli/command.h"
#include "cli/table.h"

namespace ledge {
namespace {

std::chrono::nanoseconds Seconds(const Json& value) {
  return std::chrono::nanoseconds(static_cast<int64_t>(value.get<double>() * 1e9));
}

class PsCommand : public Command {
 public:
  void Declare(Options& options) override {
    server_.Declare(options);
    options.Flag("--json", json_, "the server's own document");
    options.Examples("  ledge ps\n  ledge ps --server http://gateway:11434 --json");
  }

  Result<void> Run(Program& program) override {
    program.json = json_;
    LEDGE_TRY(HttpClient client, server_.Connect(program));
    LEDGE_TRY(const Json state, AskServer(client, "GET", "/ledge/v1/models", nullptr));
    if (json_) {
      program.PrintJson(state);
      return {};
    }
    try {
      Table table(
          {"NAME", "STATE", "WEIGHTS", "KV", "SCRATCH", "REQUESTS", "LAST USE", "LEAVES IN"});
      for (const Json& m : state.at("models")) table.Row(Row(m));
      program.Print(table.Text());
      return {};
    } catch (const nlohmann::json::exception&) {
      return MakeError(Code::kMalformed, "the server's answer is not what 'ledge serve' gives");
    }
  }

 private:
  static std::vector<std::string> Row(const Json& m) {
    const Json& bytes = m.at("bytes");
    const Json& requests = m.at("requests");
    return {m.at("name").get<std::string>(),
            m.at("state").get<std::string>(),
            FormatSize(bytes.at("weights").get<uint64_t>()),
            FormatSize(bytes.at("kv").get<uint64_t>()),
            FormatSize(bytes.at("scratch").get<uint64_t>()),
            fmt::format("{} + {}", requests.at("active").get<uint64_t>(),
                        requests.at("waiting").get<uint64_t>()),
            FormatDuration(Seconds(m.at("idle_seconds"))),
            m.at("seconds_to_live").is_null() ? "never"
                                              : FormatDuration(Seconds(m.at("seconds_to_live")))};
  }

  ServerOption server_;
  bool json_ = false;
};

}  // namespace

extern const CommandEntry kCommand_ps;
const CommandEntry kCommand_ps = {"ps", "models in memory on the running server",
                                  MakeCommand<PsCommand>};

}  // namespace ledge
