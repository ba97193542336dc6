// The one closed list of errors. Every fallible call of ledge returns a Result<T> whose Error
// carries a code of this list and a message for a person.
//
// A message is one line: WHAT went wrong, with file, field and value; then, after "; ", what would
// be right. The code maps once to an exit status (INTERFACE: 0..7, 130) and once to an HTTP status.
#pragma once

#include <string>
#include <string_view>
#include <utility>

namespace ledge {

enum class Code {
  kInternal,      // a bug or an operating system failure without a better name
  kIo,            // reading or writing failed
  kUsage,         // a flag or argument is wrong
  kMalformed,     // a file's or message's contents break its format
  kUnsupported,   // well-formed, but not something this build can run
  kNotFound,      // no such file, model or name
  kExists,        // the name is taken
  kNoMemory,      // the machine has too little memory
  kNoSpace,       // the disk or the quota is full
  kOverBudget,    // the configured memory budget does not allow it
  kVerification,  // a digest, signature or quality gate failed
  kUnreachable,   // a server, registry or network could not be reached
  kInterrupted,   // the user asked to stop
};

struct Error {
  Code code = Code::kInternal;
  std::string message;

  // Puts what was being done in front: "reading header: <message>".
  Error WithContext(std::string_view context) &&;
};

// "malformed", "not_found", ... : the `code` of the JSON form of an error.
std::string_view CodeName(Code code);
// The process exit status of INTERFACE's "Manners of every command".
int ExitStatus(Code code);
// The HTTP status an API answers with.
int HttpStatus(Code code);

// Makes any text fit for one line on a terminal: valid UTF-8, control characters shown as \xNN, at
// most `max_bytes` bytes (cut at a character's border, ending in "...").
std::string PrintableLine(std::string_view text, size_t max_bytes = 1000);

}  // namespace ledge
