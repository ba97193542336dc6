#include "cli/progress_bar.h"

#include <algorithm>
#include <cstdio>

#include "base/units.h"

namespace ledge {
namespace {

constexpr std::chrono::milliseconds kShowAfter{1000};
constexpr std::chrono::milliseconds kRedrawEvery{100};
constexpr size_t kBarCells = 24;

void WriteErr(const std::string& text) {
  std::fwrite(text.data(), 1, text.size(), stderr);
  std::fflush(stderr);
}

}  // namespace

ProgressBar::ProgressBar(Program& program, std::string title, bool unit_is_bytes)
    : program_(program),
      title_(std::move(title)),
      bytes_(unit_is_bytes),
      started_(program.os().MonotonicNow()) {}

ProgressBar::~ProgressBar() {
  if (shown_) WriteErr("\r\033[K");
}

void ProgressBar::Update(uint64_t done, uint64_t total, const std::string& note) {
  if (program_.quiet || !program_.stderr_is_terminal()) return;
  const auto now = program_.os().MonotonicNow();
  if (now - started_ < kShowAfter || (shown_ && now - drawn_ < kRedrawEvery)) return;
  drawn_ = now;
  shown_ = true;
  const double seconds = std::chrono::duration<double>(now - started_).count();
  const double share =
      total == 0 ? 0 : std::min(1.0, static_cast<double>(done) / static_cast<double>(total));
  const auto cells = static_cast<size_t>(share * kBarCells);
  const double rate = static_cast<double>(done) / seconds;
  std::string line = "\r\033[K" + title_ + " [" + std::string(cells, '#') +
                     std::string(kBarCells - cells, '.') + fmt::format("] {:3.0f} %", share * 100);
  if (bytes_) {
    line += fmt::format("  {} of {}, {}/s", FormatSize(done), FormatSize(total),
                        FormatSize(static_cast<uint64_t>(rate)));
  } else {
    line += fmt::format("  {} of {}", done, total);
  }
  if (share > 0.01) {
    const auto left = std::chrono::duration<double>(seconds / share * (1 - share));
    line +=
        ", " + FormatDuration(std::chrono::duration_cast<std::chrono::nanoseconds>(left)) + " left";
  }
  if (!note.empty()) line += ", " + note;
  WriteErr(line);
}

}  // namespace ledge
