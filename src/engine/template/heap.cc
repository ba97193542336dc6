#include "engine/template/heap.h"

namespace ledge::jinja {

Error Heap::TooManySteps() {
  return MakeError(Code::kUnsupported,
                   "rendering takes more than {} steps; a chat template needs far fewer",
                   kMaxSteps);
}

Error Heap::TooManyBytes() {
  return MakeError(Code::kUnsupported,
                   "rendering needs more than {} bytes of memory; a chat template needs far fewer",
                   kMaxLiveBytes);
}

}  // namespace ledge::jinja
