// Functionary 3.1: <function=f>{...}</function>. Functionary 3.2: the prompt ends in >>>, the
// answer goes on with "all\n" and a text, or "f\n{...}"; more of either behind another >>>.
#include <algorithm>

#include "api/tools/call_format.h"

namespace ledge {
namespace {

class Functionary31 : public CallFormat {
  CallStep Outside(std::string_view text, bool, bool end) override {
    constexpr std::string_view kMark = "<function=";
    if (const size_t before = BytesBefore(text, kMark, end); before > 0) return {.content = before};
    const size_t name_end = text.starts_with(kMark) ? text.find('>') : text.npos;
    if (name_end == text.npos) return {.content = end ? text.size() : 0};
    const std::string_view name = text.substr(kMark.size(), name_end - kMark.size());
    if (name.empty()) return {.content = name_end + 1};
    return Block(text, end,
                 {.open = name_end + 1, .name = std::string(name), .close = "</function>"});
  }
};

class Functionary32 : public CallFormat {
 public:
  explicit Functionary32(std::vector<std::string> names) : names_(std::move(names)) {}

 private:
  static constexpr std::string_view kMark = ">>>";
  static constexpr std::string_view kAll = "all\n";

  CallStep Outside(std::string_view text, bool begin, bool end) override {
    if (in_text_) return Text(text, end);
    // The prompt has the first mark.
    if (begin && !text.starts_with(kMark)) return Part(text, 0, end);
    if (text.starts_with(kMark)) return Part(text, kMark.size(), end);
    if (!end && kMark.starts_with(text)) return {};
    in_text_ = true;
    return Text(text, end);
  }

  CallStep Text(std::string_view text, bool end) {
    if (const size_t before = BytesBefore(text, kMark, end); before > 0) return {.content = before};
    return text.starts_with(kMark) ? Part(text, kMark.size(), end) : CallStep{};
  }

  // A recipient and what is for it, `skip` bytes behind the front.
  CallStep Part(std::string_view text, size_t skip, bool end) {
    const std::string_view rest = text.substr(skip);
    if (rest.starts_with(kAll)) {
      in_text_ = true;
      return {.dropped = skip + kAll.size()};
    }
    const size_t line = rest.find('\n');
    if (line == rest.npos) {
      if (!end && (kAll.starts_with(rest) || CouldBeName(rest))) return {};
      in_text_ = true;
      return {.content = text.size()};
    }
    std::string name(rest.substr(0, line));
    if (std::ranges::find(names_, name) == names_.end()) {
      in_text_ = true;
      return {.content = skip + line + 1};
    }
    // Behind it comes another mark, or text.
    in_text_ = false;
    return Block(text, end, {.open = skip + line + 1, .name = std::move(name)});
  }

  bool CouldBeName(std::string_view begin) const {
    return std::ranges::any_of(names_,
                               [&](const std::string& name) { return name.starts_with(begin); });
  }

  std::vector<std::string> names_;
  bool in_text_ = false;
};

}  // namespace

std::unique_ptr<CallFormat> MakeFunctionary31Format() { return std::make_unique<Functionary31>(); }
std::unique_ptr<CallFormat> MakeFunctionary32Format(std::vector<std::string> names) {
  return std::make_unique<Functionary32>(std::move(names));
}

}  // namespace ledge
