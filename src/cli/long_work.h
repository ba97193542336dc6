// Work over files that takes its time: a person at the terminal sees how far it is and may stop it.
#pragma once

#include <optional>
#include <string>
#include <utility>

#include "cli/interrupt.h"
#include "cli/progress_bar.h"
#include "pack/packed_model.h"

namespace ledge {

// One at a time, as InterruptGuard is.
class LongWork {
 public:
  explicit LongWork(Program& program) : program_(program), guard_(flag_) {}

  // What the work reports to: a bar of that title, and the answer whether to go on. Replaces the
  // one before; must not be called after this object ends.
  Progress Show(std::string title) {
    bar_.emplace(program_, std::move(title));
    return [this](uint64_t done, uint64_t total) {
      bar_->Update(done, total);
      return !interrupted();
    };
  }
  // By Ctrl-C or SIGTERM.
  bool interrupted() const { return guard_.interrupted(); }

 private:
  Program& program_;
  StopFlag flag_;
  InterruptGuard guard_;
  std::optional<ProgressBar> bar_;
};

}  // namespace ledge
