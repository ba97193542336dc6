// API keys from a file: one a line, '#' and blank lines ignored.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "os/os.h"
#include "os/sha256.h"

namespace ledge {

inline constexpr size_t kMaxKeys = 1024;
inline constexpr size_t kMaxKeyBytes = 512;

// The keys themselves, at least one: for a client. kMalformed for a file without keys, with too
// many, or with one that is too long or has a character that no header can carry.
Result<std::vector<std::string>> ReadKeyFile(Os& os, const std::string& path);

class Keys {
 public:
  Keys() = default;
  // As ReadKeyFile.
  static Result<Keys> Read(Os& os, const std::string& path);

  bool empty() const { return digests_.empty(); }
  size_t size() const { return digests_.size(); }
  // The name of the key's owner for fairness and caches ("key-<eight digits>"), which doesn't tell
  // the key; nothing for a wrong one. Takes the same time whichever key is right or nearly so.
  std::optional<std::string> Owner(std::string_view key) const;

 private:
  std::vector<Digest> digests_;
};

}  // namespace ledge
