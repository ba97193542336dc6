// One object of JSON as it is written, byte by byte: where it ends, and whether it still can be
// one. Strict as RFC 8259, so that what is passed on before the end is known is JSON up to there.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "engine/ordered_json.h"

namespace ledge {

class JsonProgress {
 public:
  static constexpr size_t kMaxDepth = JsonLimits{}.depth;  // so that the whole can be read later
  static constexpr size_t kMaxScalarBytes = 400;  // of a number, or of true, false and null

  enum class State { kGoesOn, kDone, kMalformed };

  // Goes through the text up to the object's end, or to what can't be part of it; returns how many
  // bytes belong to it.
  size_t Feed(std::string_view text);
  State state() const { return state_; }
  // Whether it is told from other text that begins so: it has a first value, or its end.
  bool certain() const { return state_ == State::kDone || values_ > 0; }

 private:
  enum class Expects { kObject, kKeyOrEnd, kKey, kColon, kValue, kValueOrEnd, kCommaOrEnd };

  bool Take(char c);
  bool TakeInString(char c);
  bool Begin(char c);
  bool Close(char c);
  void EndValue();
  bool EndScalar();

  State state_ = State::kGoesOn;
  Expects expects_ = Expects::kObject;
  std::string open_;    // '{' and '['
  std::string scalar_;  // while it is written
  bool string_ = false;
  bool key_ = false;   // the string is one
  int escaped_ = 0;    // characters of an escape that are to come: 1 behind '\', 4 behind "\u"
  size_t values_ = 0;  // that have begun within the object
};

// Whether the text is a number, true, false or null.
bool IsJsonScalar(std::string_view text);

}  // namespace ledge
