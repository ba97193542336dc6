#include "load/sse.h"

namespace ledge {

void SseReader::EndLine() {
  if (line_.empty()) {
    if (has_data_) listener_(data_);
    data_.clear();
    has_data_ = false;
    return;
  }
  std::string_view line = line_;
  constexpr std::string_view kField = "data:";
  if (line.starts_with(kField)) {
    line.remove_prefix(kField.size());
    if (line.starts_with(' ')) line.remove_prefix(1);
    if (has_data_) data_ += '\n';
    data_ += line;
    has_data_ = true;
  }
  line_.clear();
}

Result<void> SseReader::Feed(std::string_view bytes) {
  for (const char c : bytes) {
    const bool second_half = c == '\n' && after_return_;
    after_return_ = c == '\r';
    if (second_half) continue;
    if (c == '\n' || c == '\r') {
      EndLine();
      continue;
    }
    if (line_.size() + data_.size() >= kMaxEventBytes) {
      return MakeError(Code::kMalformed, "an event has more than {} bytes", kMaxEventBytes);
    }
    line_ += c;
  }
  return {};
}

}  // namespace ledge
