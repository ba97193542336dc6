// Makes GGUF files of real models' shapes with random weights: for benchmarks, which need the right
// sizes and types but no meaning, and for tests. The weights are sane (activations stay finite,
// logits are of ordinary size), the tokenizer is complete (SentencePiece kind with every byte), and
// the same arguments give the same bytes.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "os/os.h"

namespace ledge {

struct SynthOptions {
  std::string shape = "7b";   // of gguf/shapes.h
  std::string type = "q4_0";  // of SynthTypes()
  uint64_t seed = 1;
  std::string path;
  // Called now and then with bytes written and bytes in all; an error stops the work. May be empty.
  std::function<Result<void>(uint64_t done, uint64_t total)> progress;
};

// Names as llama-quantize has them (q4_0, q4_k_m, iq4_xs, f16, ...): the tensors' types are those
// that llama-quantize would choose (a 4-bit file has a Q6_K output matrix, q4_k_m more bits in some
// layers, norms are F32). In q4_k_s and q5_k_s all other matrices are of the one type, where
// llama-quantize gives some of the first layers another bit.
std::vector<std::string_view> SynthTypes();

// Writes `path` (nothing is visible before it is complete); returns its size. kUsage for an unknown
// shape or type, naming those there are; kNoSpace before any weights are written if the disk is too
// small.
Result<uint64_t> Synthesize(Os& os, const SynthOptions& options);

}  // namespace ledge
