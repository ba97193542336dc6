// A progress bar for people: only on a terminal, only once the work has lasted a second.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>

#include "cli/program.h"

namespace ledge {

class ProgressBar {
 public:
  // `unit_is_bytes`: amounts are shown as sizes, else as plain counts.
  ProgressBar(Program& program, std::string title, bool unit_is_bytes = true);
  // Clears the line.
  ~ProgressBar();
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;

  // Redraws at most ten times a second. `note` is shown at the end ("perplexity 12.3").
  void Update(uint64_t done, uint64_t total, const std::string& note = {});

 private:
  Program& program_;
  std::string title_;
  bool bytes_;
  bool shown_ = false;
  std::chrono::nanoseconds started_;
  std::chrono::nanoseconds drawn_{0};
};

}  // namespace ledge
