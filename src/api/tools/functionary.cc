// Functionary 3.1: <function=f>{...}</function>. Functionary 3.2: the prompt ends in >>>, the
// answer goes on with "all\n" and a text, or "f\n{...}"; more of either behind another >>>.
#include <algorithm>

#include "api/tools/call_format.h"

namespace ledge {
namespace {

class Functionary31 : public CallFormat {
 public:
  CallStep Next(std::string_view text, bool, bool end) override {
    return MarkedBlock(text, "<function=", "</function>", end, [](std::string_view block) {
      std::vector<WrittenCall> calls;
      const size_t name = block.find('>');
      if (name == block.npos || name == 0) return calls;
      if (auto arguments = ArgumentsOf(block.substr(name + 1)))
        calls.push_back({std::string(block.substr(0, name)), *std::move(arguments)});
      return calls;
    });
  }
};

class Functionary32 : public CallFormat {
 public:
  explicit Functionary32(std::vector<std::string> names) : names_(std::move(names)) {}

  CallStep Next(std::string_view text, bool begin, bool end) override {
    if (in_text_) return Text(text, end);
    // The prompt has the first mark.
    if (begin && !text.starts_with(kMark)) return Part(text, 0, end);
    if (text.starts_with(kMark)) return Part(text, kMark.size(), end);
    if (!end && kMark.starts_with(text)) return {};
    in_text_ = true;
    return Text(text, end);
  }

 private:
  static constexpr std::string_view kMark = ">>>";
  static constexpr std::string_view kAll = "all\n";

  CallStep Text(std::string_view text, bool end) {
    const size_t before =
        end && text.find(kMark) == text.npos ? text.size() : BytesBefore(text, kMark);
    if (before > 0) return {.content = before};
    if (!text.starts_with(kMark)) return {};
    const CallStep step = Part(text, kMark.size(), end);
    if (step.dropped > 0 && !step.calls.empty()) in_text_ = false;
    return step;
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
      return {.content = skip + rest.size()};
    }
    const std::string name(rest.substr(0, line));
    if (std::ranges::find(names_, name) == names_.end()) {
      in_text_ = true;
      return {.content = skip + line + 1};
    }
    const auto length = JsonLength(rest.substr(line + 1));
    if (!length && !end) return {};
    const auto arguments =
        length ? ArgumentsOf(rest.substr(line + 1, *length)) : std::optional<std::string>();
    if (!arguments || *length == 0) {
      in_text_ = true;
      return {.content = skip + line + 1};
    }
    return {.dropped = skip + line + 1 + *length, .calls = {{name, *arguments}}};
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
