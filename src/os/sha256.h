// SHA-256 (FIPS 180-4), by OpenSSL, which uses the machine's instructions for it.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "os/os.h"

namespace ledge {

struct Digest {
  std::array<std::byte, 32> bytes = {};

  // 64 lowercase hexadecimal digits.
  std::string ToHex() const;
  // kMalformed unless it is exactly 64 hexadecimal digits (of either case).
  static Result<Digest> FromHex(std::string_view text);
  auto operator<=>(const Digest&) const = default;
};

// Not thread-safe; one a stream.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(Sha256&&) noexcept;
  Sha256& operator=(Sha256&&) noexcept;

  void Update(std::span<const std::byte> data);
  // The digest of everything so far; begins anew afterwards.
  Digest Finish();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

Digest Sha256Of(std::span<const std::byte> data);
Digest Sha256Of(std::string_view text);
// Of a whole file, from its current position to its end, in bounded memory.
Result<Digest> Sha256OfFile(File& file);

}  // namespace ledge
