// The numbers of a model's shape, from its metadata: keys
// "<architecture>.<name>", each with the range that makes sense. Nothing behind
// it sees a zero head, a billion layers or an infinite epsilon.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "gguf/gguf.h"

namespace ledge {

// Both ends allowed.
struct CountRange {
  uint32_t least = 1;
  uint32_t most = UINT32_MAX;
};

class Hyperparameters {
 public:
  // `header` must outlive it. kMalformed if there is no general.architecture.
  static Result<Hyperparameters> Of(const GgufHeader& header);

  const GgufHeader& header() const { return *header_; }
  const std::string& architecture() const { return architecture_; }
  std::string Key(std::string_view name) const { return architecture_ + "." + std::string(name); }
  bool has(std::string_view name) const { return header_->Find(Key(name)) != nullptr; }

  // kMalformed if it is missing or out of range (also where the fallback is); kUnsupported for an
  // array of different numbers, by which files say that layers differ in it.
  Result<uint32_t> Count(std::string_view name, CountRange range) const;
  Result<uint32_t> Count(std::string_view name, CountRange range, uint32_t fallback) const;
  // One for each of `layers`: an array of as many, or a number that holds for all.
  Result<std::vector<uint32_t>> Counts(std::string_view name, CountRange range, uint32_t layers,
                                       uint32_t fallback) const;
  // The numbers of an array; none where there is no such key. kMalformed for anything else.
  Result<std::vector<uint64_t>> IntegersIfThere(std::string_view name) const;
  // Positive and finite, as a float too.
  Result<double> Positive(std::string_view name) const;
  Result<double> Positive(std::string_view name, double fallback) const;

  // kMalformed: "FILE: key 'ARCHITECTURE.NAME' PROBLEM".
  Error Malformed(std::string_view name, std::string_view problem) const;
  Error Unsupported(std::string_view name, std::string_view problem) const;
  // kUnsupported: the architecture takes `only` this value, and the file has another.
  Error OnlySupported(std::string_view name, std::string_view value, std::string_view only) const;

 private:
  Result<uint32_t> InRange(std::string_view name, CountRange range, uint64_t number) const;
  // The numbers of an array, which has at most kMaxCounts.
  Result<std::vector<uint64_t>> Integers(std::string_view name, const GgufValue& array) const;
  Hyperparameters(const GgufHeader& header, std::string architecture)
      : header_(&header), architecture_(std::move(architecture)) {}

  const GgufHeader* header_;
  std::string architecture_;
};

}  // namespace ledge
