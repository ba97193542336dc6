// Ends an answer at a stop string, and never shows half of one.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace ledge {

inline constexpr size_t kMaxStopStrings = 16;
inline constexpr size_t kMaxStopBytes = 256;

// Fed the bytes of an answer piece by piece. Held back is the longest end that could yet become a
// stop string or a whole UTF-8 sequence, so at most kMaxStopBytes + 2 bytes. Not thread-safe; one
// an answer.
class StopMatcher {
 public:
  // kUsage for more than kMaxStopStrings, or one that is empty or longer than kMaxStopBytes.
  static Result<StopMatcher> Create(std::vector<std::string> stops);

  // What may be shown now. Once a stop string is complete: what stood before it, and matched() says
  // which; anything fed after that is dropped. Of two that could end the answer the one that begins
  // first wins; of those that begin at the same place the one that is complete first, that is, the
  // shorter one.
  std::string Feed(std::string_view bytes);
  // The end of the answer without a stop string: what was held back. An incomplete UTF-8 sequence
  // is given out as it is.
  std::string Flush();

  // Index into `stops` of the one that was found.
  std::optional<size_t> matched() const { return matched_; }
  const std::vector<std::string>& stops() const { return stops_; }

 private:
  explicit StopMatcher(std::vector<std::string> stops) : stops_(std::move(stops)) {}

  std::vector<std::string> stops_;
  std::string held_;
  std::optional<size_t> matched_;
};

}  // namespace ledge
