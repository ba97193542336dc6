// Bytes of a connection -> requests, read as hostile. Source: RFC 9112. Built on Boost.Beast's
// parser, which no other file sees, behind a look at the raw head that refuses what parsers
// disagree on: bare line feeds, NULs, folded lines, white space before a colon, and both or several
// of Content-Length and Transfer-Encoding.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "server/http/limits.h"
#include "server/http/message.h"

namespace ledge {

struct ParseProblem {
  int status = 400;
  std::string message;
};

// One request. Not thread-safe.
class HttpParser {
 public:
  explicit HttpParser(const HttpLimits& limits);
  ~HttpParser();

  enum class State { kHead, kBody, kDone, kFailed };
  // Takes what it can use off the front of `bytes`. Goes from kHead to kBody (or kDone) when the
  // head is whole, without looking at the body: so the head can be judged first.
  State Feed(std::string& bytes);
  State state() const { return state_; }
  const ParseProblem& problem() const { return problem_; }  // kFailed

  // From kBody on. The body is there at kDone.
  HttpRequest& request() { return request_; }
  bool keep_alive() const { return keep_alive_; }
  bool http_1_0() const { return http_1_0_; }
  bool expects_continue() const { return expects_continue_; }

 private:
  struct Beast;
  State Fail(int status, std::string message);
  State FeedHead(std::string& bytes);
  State FeedBody(std::string& bytes);
  void ReadHead();

  HttpLimits limits_;
  std::unique_ptr<Beast> beast_;
  State state_ = State::kHead;
  ParseProblem problem_;
  HttpRequest request_;
  bool keep_alive_ = false;
  bool http_1_0_ = false;
  bool expects_continue_ = false;
};

// The raw head, with its empty line at the end.
std::optional<ParseProblem> CheckHead(std::string_view head, const HttpLimits& limits);
// "%41" -> "A"; nothing for a bad escape or an encoded NUL.
std::optional<std::string> PercentDecoded(std::string_view text);

}  // namespace ledge
