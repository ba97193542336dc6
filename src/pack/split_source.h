// The parts of a split GGUF file (gguf/split_name.h) as one source: the GGUF file that they were
// before they were split. Its header is made anew, from the first part's metadata without the keys
// of the split, and all parts' tensors in their order; so the same parts always make the same
// bytes, and `export` gives one file.
//
// Every part is checked as hostile: it must be there, be the part of the model that its name says,
// and no tensor may be in two parts or in none. Other files are never looked at, whatever the
// header says.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "pack/source_reader.h"

namespace ledge {

struct SplitSource {
  std::unique_ptr<SourceReader> reader;
  uint64_t lead_bytes = 0;  // the header and its padding
};

// Whether a header is that of one part of several.
bool IsSplit(const GgufHeader& header);
// The model that the part at `path` belongs to. `progress` must outlive the reader.
Result<SplitSource> OpenSplit(Os& os, const std::string& path, const Progress& progress);

// One stamp for all parts, which changes if any of them does; nothing if `path` is not named like a
// part of several, or a part can't be looked at.
std::optional<FileStamp> SplitStamp(Os& os, const std::string& path);

}  // namespace ledge
