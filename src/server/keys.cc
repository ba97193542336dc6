#include "server/keys.h"

#include <openssl/crypto.h>

#include <algorithm>

namespace ledge {
namespace {

constexpr uint64_t kMaxKeyFileBytes = 1 << 20;

std::string_view Trimmed(std::string_view line) {
  while (!line.empty() && (line.back() == '\r' || line.back() == ' ' || line.back() == '\t'))
    line.remove_suffix(1);
  while (!line.empty() && (line.front() == ' ' || line.front() == '\t')) line.remove_prefix(1);
  return line;
}

}  // namespace

Result<std::vector<std::string>> ReadKeyFile(Os& os, const std::string& path) {
  LEDGE_TRY(const auto file, os.Open(path));
  LEDGE_TRY(const FileStatus status, file->Status());
  if (status.stamp.size > kMaxKeyFileBytes)
    return MakeError(Code::kMalformed, "{}: has {} bytes; must be at most {}", path,
                     status.stamp.size, kMaxKeyFileBytes);
  std::string text(static_cast<size_t>(status.stamp.size), '\0');
  LEDGE_CHECK_OK(file->ReadAt(0, std::as_writable_bytes(std::span(text))));
  std::vector<std::string> keys;
  size_t number = 0;
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find('\n', at), text.size());
    const std::string_view line = Trimmed(std::string_view(text).substr(at, end - at));
    at = end + 1;
    ++number;
    if (line.empty() || line.front() == '#') continue;
    const bool printable = std::ranges::all_of(line, [](char c) { return c > 0x20 && c < 0x7F; });
    if (!printable || line.size() > kMaxKeyBytes) {
      return MakeError(Code::kMalformed,
                       "{}: line {} is no key; must be 1 to {} printable characters without spaces",
                       path, number, kMaxKeyBytes);
    }
    if (keys.size() == kMaxKeys)
      return MakeError(Code::kMalformed, "{}: has more than {} keys; must be at most that many",
                       path, kMaxKeys);
    keys.emplace_back(line);
  }
  if (keys.empty())
    return MakeError(Code::kMalformed, "{}: has no keys; must have one a line", path);
  return keys;
}

Result<Keys> Keys::Read(Os& os, const std::string& path) {
  LEDGE_TRY(const std::vector<std::string> lines, ReadKeyFile(os, path));
  Keys keys;
  for (const std::string& line : lines) keys.digests_.push_back(Sha256Of(line));
  return keys;
}

std::optional<std::string> Keys::Owner(std::string_view key) const {
  const Digest given = Sha256Of(key);
  std::optional<std::string> owner;
  for (const Digest& digest : digests_) {
    if (CRYPTO_memcmp(digest.bytes.data(), given.bytes.data(), given.bytes.size()) == 0)
      owner = "key-" + given.ToHex().substr(0, 8);
  }
  return owner;
}

}  // namespace ledge
