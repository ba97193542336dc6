#include "server/model_status.h"

#include "os/child.h"

namespace ledge {

Json StatusJson(const ModelStatus& status) {
  const Described& d = status.description;
  const ProportionalMemory memory = ProportionalMemoryOf(status.pid);
  const auto seconds = [](std::chrono::nanoseconds t) {
    return std::chrono::duration<double>(t).count();
  };
  const bool for_ever = status.time_to_live.count() < 0;
  return {{"name", status.name},
          {"state", status.state},
          {"pid", status.pid},
          {"pinned", status.pinned},
          {"architecture", d.architecture},
          {"parameters", d.parameters},
          {"context", d.context},
          {"chat_template", d.chat_template},
          {"guesses", d.guesses},
          {"confined", d.confinement},
          {"bytes",
           {{"weights", d.weights_bytes}, {"kv", status.kv_used}, {"scratch", d.scratch_bytes}}},
          {"weights_granted", status.weights_granted},
          {"kv_granted", status.kv_granted},
          {"pss", memory.anonymous + memory.file},
          {"requests", {{"active", status.active}, {"waiting", status.waiting}}},
          {"idle_seconds", seconds(status.idle)},
          {"seconds_to_live", for_ever ? Json(nullptr) : Json(seconds(status.time_to_live))}};
}

}  // namespace ledge
