// The keys of a folder's GGUF file that don't depend on the family: name, tokenizer, pooling.
#pragma once

#include <cstdint>
#include <string>

#include "gguf/gguf_writer.h"
#include "hf/config.h"
#include "os/os.h"

namespace ledge {

// config.json, which must be there.
Result<HfConfig> ReadFolderConfig(Os& os, const std::string& folder);

// general.*
void PutGeneral(const std::string& folder, std::string_view architecture, GgufWriter& writer);

// tokenizer.*, with as many tokens as the embedding has rows: what the file leaves out is unused.
// Tokens that generation_config.json (or config.json) says end a text are marked so.
Result<void> PutTokenizer(Os& os, const std::string& folder, const HfConfig& config, uint64_t rows,
                          GgufWriter& writer);

// <architecture>.pooling_type, if the folder says how tokens become one embedding.
Result<void> PutPooling(Os& os, const std::string& folder, std::string_view architecture,
                        GgufWriter& writer);

}  // namespace ledge
