// Parts of a GGUF file that was split, right and wrong ones.
#pragma once

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "gguf/gguf.h"
#include "gguf/gguf_writer.h"
#include "testing/result_matchers.h"

namespace ledge::testing {

// Tensors [first, last) of `source` as a GGUF file; `part` of `count` unless count is 0.
struct SplitPiece {
  size_t first, last;
  uint16_t part, count;
  int32_t promised;
  bool metadata;
};

inline std::string SplitPart(std::span<const std::byte> source, const SplitPiece& piece) {
  const auto header = GgufHeader::Parse(source, source.size(), "whole");
  std::string out;
  GgufWriter writer([&](std::span<const std::byte> bytes) -> Result<void> {
    out.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    return {};
  });
  if (piece.metadata) {
    for (const auto& [key, value] : header->metadata()) writer.AddValue(key, value);
  }
  if (piece.count > 0) {
    writer.AddNumber<uint16_t>("split.no", piece.part);
    writer.AddNumber<uint16_t>("split.count", piece.count);
    writer.AddNumber<int32_t>("split.tensors.count", piece.promised);
  }
  const auto tensors = std::span(header->tensors()).subspan(piece.first, piece.last - piece.first);
  for (const GgufTensor& tensor : tensors) {
    EXPECT_OK(
        writer.AddTensor(tensor.name, tensor.type, std::span(tensor.dims).first(tensor.n_dims)));
  }
  EXPECT_OK(writer.Begin());
  for (const GgufTensor& tensor : tensors)
    EXPECT_OK(writer.Write(source.subspan(tensor.offset, tensor.bytes)));
  EXPECT_OK(writer.Finish());
  return out;
}

}  // namespace ledge::testing
