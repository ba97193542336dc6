// MODEL on a command line: a path to a GGUF file or a folder of safetensors, or a name in the store
// (INTERFACE, "Manners").
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "cli/options.h"
#include "cli/program.h"
#include "hf/folder_model.h"
#include "pack/packed_model.h"
#include "store/store.h"
#include "tokenizer/tokenizer.h"

namespace ledge {

// Options of every command that takes a model.
struct ModelArgument {
  std::string model;
  bool no_store = false;
  bool pull = false;
  // The command needs the tokenizer: a file without one that is known is refused before it is
  // packed.
  bool reads_text = false;

  void DeclareModel(Options& options);         // MODEL alone
  void DeclareStoreOptions(Options& options);  // --no-store, --pull
};

Result<Store> OpenStore(const Program& program);

// $HOME, or nothing.
std::string UserHome();

// MODEL where it is a name and no path; else nothing.
struct NamedModel {
  std::string name;     // as the store spells it
  bool stored = false;  // by this name or as what the catalogue calls so
};
Result<std::optional<NamedModel>> NameOf(const Program& program, const ModelArgument& argument);

// The manifest of a stored model, fetched first where the person or --pull says so.
Result<Manifest> FindModel(Program& program, const Store& store, const ModelArgument& argument);

// The packed model, mapped; packed again first where its layout is older than this build's. A path
// is packed into the store first, unless that was done before or
// --no-store keeps it private; a name of the catalogue that isn't there yet is pulled if --pull or
// the person at the terminal says so.
Result<std::shared_ptr<const PackedModel>> OpenModel(Program& program,
                                                     const ModelArgument& argument);

// The metadata alone, without packing anything: of the file itself, or of the packed file's copy.
struct OpenedHeader {
  std::unique_ptr<Mapping> mapping;           // of a file
  std::vector<std::byte> joined;              // of the parts of a split file, as one
  std::optional<FolderModel> made;            // of a folder
  std::shared_ptr<const PackedModel> packed;  // of a stored model
  GgufHeader own;
  const GgufHeader& header() const { return packed ? packed->header() : own; }
  // What its tensors are made of, where the header was made.
  const TensorOrigins* origins() const { return made ? &*made : nullptr; }
  uint64_t file_bytes = 0;
};

Result<OpenedHeader> OpenHeader(Program& program, const ModelArgument& argument);

// Warns where a tokenizer's rules are guessed, since the file does not say them.
void WarnOfGuesses(Program& program, const GgufHeader& header);

// Warns, once a model was brought into the store, of what `run` will refuse or guess: a tokenizer
// or a chat template that isn't known, or none.
void WarnOfGaps(Program& program, const PackedModel& packed);

// The tokenizer alone; works for files that hold only a vocabulary.
struct OpenedTokenizer {
  OpenedHeader source;
  std::vector<std::byte> tables;  // built here, or empty where the packed file has them
  std::optional<Tokenizer> tokenizer;
};
Result<OpenedTokenizer> OpenTokenizer(Program& program, const ModelArgument& argument);

}  // namespace ledge
