#include <fmt/format.h>

#include "server/http/parser.h"

namespace ledge {
namespace {

constexpr std::string_view kTokenExtra = "!#$%&'*+-.^_`|~";

bool IsTokenChar(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
         kTokenExtra.find(c) != std::string_view::npos;
}

int HexValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// "METHOD target HTTP/1.x", checked further by the parser.
std::optional<ParseProblem> CheckRequestLine(std::string_view line) {
  const size_t version = line.rfind(" HTTP/");
  if (version == line.npos)
    return ParseProblem{400, "the request line has no HTTP version; must end in HTTP/1.1"};
  const std::string_view number = line.substr(version + 6);
  if (number.size() != 3 || number[1] != '.' || number[0] < '0' || number[0] > '9')
    return ParseProblem{400, "the request line's HTTP version is malformed; must be HTTP/1.1"};
  if (number != "1.1" && number != "1.0")
    return ParseProblem{505, "this HTTP version isn't spoken here; must be HTTP/1.1"};
  return std::nullopt;
}

std::string_view Trimmed(std::string_view value) {
  while (!value.empty() && (value.front() == ' ' || value.front() == '\t')) value.remove_prefix(1);
  while (!value.empty() && (value.back() == ' ' || value.back() == '\t')) value.remove_suffix(1);
  return value;
}

std::optional<ParseProblem> CheckField(std::string_view line, size_t& lengths, size_t& encodings) {
  if (line.front() == ' ' || line.front() == '\t')
    return ParseProblem{400, "a header line is folded; must be on one line"};
  const size_t colon = line.find(':');
  if (colon == line.npos || colon == 0)
    return ParseProblem{400, "a header line has no name; must be 'Name: value'"};
  const std::string_view name = line.substr(0, colon);
  for (const char c : name) {
    if (!IsTokenChar(c))
      return ParseProblem{400, "a header's name has a character that no name may have"};
  }
  for (const char c : line.substr(colon)) {
    if ((static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7F)
      return ParseProblem{400, "a header's value has a control character"};
  }
  if (SameToken(name, "content-length")) {
    ++lengths;
    // Not a list of equal ones either, in which programs in between may see two requests.
    if (Trimmed(line.substr(colon + 1)).find_first_not_of("0123456789") != line.npos)
      return ParseProblem{400, "the Content-Length is no whole number"};
  }
  if (SameToken(name, "transfer-encoding")) {
    ++encodings;
    if (!SameToken(Trimmed(line.substr(colon + 1)), "chunked"))
      return ParseProblem{501, "this transfer encoding isn't spoken here; must be chunked"};
  }
  return std::nullopt;
}

}  // namespace

std::optional<ParseProblem> CheckHead(std::string_view head, const HttpLimits& limits) {
  size_t lines = 0;
  size_t lengths = 0;
  size_t encodings = 0;
  while (!head.empty()) {
    const size_t end = head.find('\n');
    if (end == head.npos || end == 0 || head[end - 1] != '\r')
      return ParseProblem{400, "a line of the head ends in a bare line feed; must end in CR LF"};
    const std::string_view line = head.substr(0, end - 1);
    head.remove_prefix(end + 1);
    if (line.size() > limits.head_line_bytes) {
      return ParseProblem{lines == 0 ? 414 : 431,
                          fmt::format("a line of the head has {} bytes; must be at most {}",
                                      line.size(), limits.head_line_bytes)};
    }
    if (line.find('\r') != line.npos || line.find('\0') != line.npos)
      return ParseProblem{400, "a line of the head has a bare carriage return or a NUL"};
    if (line.empty()) break;
    auto problem = lines == 0 ? CheckRequestLine(line) : CheckField(line, lengths, encodings);
    if (problem) return problem;
    if (++lines > limits.headers + 1) {
      return ParseProblem{
          431, fmt::format("the head has more than {} headers; must be at most that many",
                           limits.headers)};
    }
  }
  if (lengths + encodings > 1) {
    return ParseProblem{400,
                        "the head has more than one of Content-Length and Transfer-Encoding; must "
                        "have at most one"};
  }
  return std::nullopt;
}

std::optional<std::string> PercentDecoded(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out.push_back(text[i]);
      continue;
    }
    if (text.size() - i < 3) return std::nullopt;
    const int high = HexValue(text[i + 1]);
    const int low = HexValue(text[i + 2]);
    if (high < 0 || low < 0 || (high == 0 && low == 0)) return std::nullopt;
    out.push_back(static_cast<char>(high * 16 + low));
    i += 2;
  }
  return out;
}

}  // namespace ledge
