#include "base/error.h"

#include <array>

#include "base/utf8.h"

namespace ledge {
namespace {

struct CodeRow {
  Code code;
  std::string_view name;
  int exit_status;
  int http_status;
};

constexpr std::array kCodes = {
    CodeRow{Code::kInternal, "internal", 1, 500},
    CodeRow{Code::kIo, "io", 1, 500},
    CodeRow{Code::kUsage, "usage", 2, 400},
    CodeRow{Code::kMalformed, "malformed", 3, 400},
    CodeRow{Code::kUnsupported, "unsupported", 3, 400},
    CodeRow{Code::kNotFound, "not_found", 4, 404},
    CodeRow{Code::kExists, "exists", 1, 409},
    CodeRow{Code::kNoMemory, "no_memory", 5, 503},
    CodeRow{Code::kNoSpace, "no_space", 5, 507},
    CodeRow{Code::kOverBudget, "over_budget", 5, 507},
    CodeRow{Code::kVerification, "verification", 6, 400},
    CodeRow{Code::kUnreachable, "unreachable", 7, 502},
    CodeRow{Code::kInterrupted, "interrupted", 130, 499},
};

const CodeRow& Row(Code code) {
  for (const CodeRow& row : kCodes) {
    if (row.code == code) return row;
  }
  return kCodes[0];
}

}  // namespace

Error Error::WithContext(std::string_view context) && {
  return Error{code, std::string(context) + ": " + std::move(message)};
}

std::string_view CodeName(Code code) { return Row(code).name; }
int ExitStatus(Code code) { return Row(code).exit_status; }
int HttpStatus(Code code) { return Row(code).http_status; }

std::string PrintableLine(std::string_view text, size_t max_bytes) {
  constexpr std::string_view kHex = "0123456789abcdef";
  constexpr std::string_view kCut = "...";
  std::string out;
  size_t last_fit = 0;  // length of `out` that still leaves room for "..."
  size_t at = 0;
  while (at < text.size()) {
    const size_t length = Utf8SequenceLength(text.substr(at));
    const auto byte = static_cast<unsigned char>(text[at]);
    // C1 controls (U+0080..U+009F) are two bytes long and move cursors just as C0 ones do.
    const bool c1 = length == 2 && byte == 0xC2 && static_cast<unsigned char>(text[at + 1]) < 0xA0;
    std::string piece;
    if (length == 0 || byte < 0x20 || byte == 0x7F || c1) {
      const size_t count = c1 ? 2 : 1;
      for (size_t i = 0; i < count; ++i) {
        const auto b = static_cast<unsigned char>(text[at + i]);
        piece += {'\\', 'x', kHex[b >> 4], kHex[b & 15]};
      }
      at += count;
    } else {
      piece.assign(text.substr(at, length));
      at += length;
    }
    if (out.size() + piece.size() > max_bytes) {
      out.resize(last_fit);
      if (max_bytes >= kCut.size()) out += kCut;
      return out;
    }
    out += piece;
    if (out.size() + kCut.size() <= max_bytes) last_fit = out.size();
  }
  return out;
}

}  // namespace ledge
