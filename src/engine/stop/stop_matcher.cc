#include "engine/stop/stop_matcher.h"

#include <algorithm>

#include "base/utf8.h"

namespace ledge {
namespace {

// Whether `stop` could still begin at the end of `text` that `tail` is: it is longer, and begins
// with it.
bool MayBecome(std::string_view tail, std::string_view stop) {
  return tail.size() < stop.size() && stop.starts_with(tail);
}

}  // namespace

Result<StopMatcher> StopMatcher::Create(std::vector<std::string> stops) {
  if (stops.size() > kMaxStopStrings) {
    return MakeError(Code::kUsage, "{} stop strings; at most {} are taken", stops.size(),
                     kMaxStopStrings);
  }
  for (size_t i = 0; i < stops.size(); ++i) {
    if (stops[i].empty() || stops[i].size() > kMaxStopBytes) {
      return MakeError(Code::kUsage, "stop[{}] has {} bytes; it must have 1 to {}", i,
                       stops[i].size(), kMaxStopBytes);
    }
  }
  return StopMatcher(std::move(stops));
}

std::string StopMatcher::Feed(std::string_view bytes) {
  if (matched_) return {};
  held_.append(bytes);
  // From left to right: at each place a stop string is there, may come, or can't. What was fed in
  // how many pieces must not matter, so a place where one may still come decides nothing and shows
  // nothing behind it.
  const std::string_view text = held_;
  size_t shown = 0;
  for (; shown < text.size(); ++shown) {
    const std::string_view here = text.substr(shown);
    std::optional<size_t> found;
    bool may_come = false;
    for (size_t i = 0; i < stops_.size(); ++i) {
      if (here.starts_with(stops_[i]) && (!found || stops_[i].size() < stops_[*found].size()))
        found = i;
      may_come |= MayBecome(here, stops_[i]);
    }
    if (found) {
      matched_ = found;
      std::string out = held_.substr(0, shown);
      held_.clear();
      return out;
    }
    if (may_come) break;
  }
  shown = Utf8CompletePrefix(text.substr(0, shown));
  std::string out = held_.substr(0, shown);
  held_.erase(0, shown);
  return out;
}

std::string StopMatcher::Flush() {
  // A longer stop string may have been awaited while a shorter one stood whole behind its
  // beginning.
  std::string out;
  while (!held_.empty() && !matched_) {
    const char first = held_[0];
    const std::string rest = held_.substr(1);
    out.push_back(first);
    held_.clear();
    out += Feed(rest);
  }
  return out;
}

}  // namespace ledge
