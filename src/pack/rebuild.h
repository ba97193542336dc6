// Turns a packed model back into its source, byte for byte.
#pragma once

#include <functional>
#include <span>

#include "pack/packed_model.h"

namespace ledge {

// Takes the source's bytes in order, one piece behind another.
using SourceSink = std::function<Result<void>(uint64_t offset, std::span<const std::byte> piece)>;

// Hands the whole source to `sink` (if any), in pieces of a few MiB, and checks its SHA-256:
// kVerification naming the packed file if it is another one, kIo if the mapping was damaged
// meanwhile, kInterrupted where `progress` says so.
Result<void> RebuildSource(const PackedModel& packed, const SourceSink& sink,
                           const Progress& progress);

}  // namespace ledge
