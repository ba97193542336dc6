#include "cli/model_argument.h"

#include <cstdlib>

#include "base/units.h"
#include "cli/long_work.h"
#include "cli/pull_model.h"
#include "engine/template/chat_template.h"
#include "model/model.h"
#include "pack/packer.h"
#include "pack/split_source.h"
#include "store/catalogue.h"
#include "store/import.h"
#include "store/model_reference.h"
#include "tokenizer/tables.h"
#include "tokenizer/vocab.h"
#include "tokenizer/vocab_notes.h"

namespace ledge {
namespace {

// Some name that the store doesn't use for other contents: "run/stem", else "run/stem:<of the
// digest>".
Result<ModelName> NameForPath(const Store& store, const std::string& path,
                              const std::optional<Digest>& digest) {
  ModelName name = SuggestModelName(path);
  name.org = "run";
  const auto taken = store.Find(name);
  if (!taken.ok() && taken.error().code == Code::kNotFound) return name;
  if (taken.ok() && digest && taken->source_sha256 == *digest) return name;
  name.tag = Sha256Of(path).ToHex().substr(0, 12);
  return name;
}

Result<std::shared_ptr<const PackedModel>> PackForThisProcess(Program& program,
                                                              const std::string& path) {
  LongWork work(program);
  return PackPrivately(program.os(), path, work.Show("packing"));
}

// Reading a header is nothing beside packing gigabytes.
Result<void> CheckTokenizer(Program& program, const std::string& path) {
  const Progress none;
  LEDGE_TRY(const Packer packer, Packer::Open(program.os(), path, none));
  // What else is wrong is told first.
  if (!Model::Describe(packer.header(), packer.origins()).ok()) return {};
  if (packer.header().Find("tokenizer.ggml.model") != nullptr) {
    const auto vocab = ReadVocab(packer.header());
    if (vocab.ok() || vocab.error().code != Code::kUnsupported) return {};
  }
  return WhyNoTokenizer(packer.header());
}

Result<std::shared_ptr<const PackedModel>> OpenPath(Program& program, const Store& store,
                                                    const std::string& path,
                                                    const ModelArgument& argument) {
  if (argument.no_store) {
    if (argument.reads_text) LEDGE_CHECK_OK(CheckTokenizer(program, path));
    return PackForThisProcess(program, path);
  }
  const auto digest = KnownSource(program.os(), store, path);
  if (digest) {
    LEDGE_TRY(const auto known, store.FindBySource(*digest));
    for (const Manifest& manifest : known) {
      if (manifest.layout_version != kPackLayoutVersion) continue;
      auto packed = OpenStored(program.os(), store, manifest);
      if (packed.ok()) return packed;
    }
  }
  if (argument.reads_text) LEDGE_CHECK_OK(CheckTokenizer(program, path));
  LEDGE_TRY(const ModelName name, NameForPath(store, path, digest));
  LongWork work(program);
  auto manifest = ImportModel(program.os(), store,
                              {.name = name,
                               .source_path = path,
                               .origin = Origin::kRun,
                               .stop = [&] { return work.interrupted(); }},
                              work.Show("packing " + name.ToString()));
  if (!manifest.ok()) return std::move(manifest).error();
  if (program.stderr_is_terminal()) {
    program.Inform(fmt::format("packed once into the store: {}, {} in {} ('ledge rm {}' frees it)",
                               name.ToString(), FormatSize(manifest->packed_bytes), store.home(),
                               name.ToString()));
  }
  return OpenStored(program.os(), store, *manifest);
}

Error NotInStore(const Store& store, const ModelName& name, const CatalogueEntry* entry) {
  if (entry != nullptr) {
    return MakeError(
        Code::kNotFound,
        "no model '{}' in the store {}; 'ledge pull {}' fetches it ({}, {}), or give --pull",
        name.ToString(), store.home(), name.ToString(), FormatSize(entry->bytes), entry->licence);
  }
  return MakeError(Code::kNotFound,
                   "no model '{}' in the store {}; 'ledge list' shows what is there",
                   name.ToString(), store.home());
}

// Whether the person at the terminal wants it fetched.
bool AskToPull(Program& program, const CatalogueEntry& entry) {
  if (!program.stdin_is_terminal() || !program.stderr_is_terminal()) return false;
  const std::string question = fmt::format("{} is not here yet: {}, licence {}. Fetch it? [Y/n] ",
                                           entry.title, FormatSize(entry.bytes), entry.licence);
  std::fwrite(question.data(), 1, question.size(), stderr);
  std::fflush(stderr);
  char answer[64] = {};
  if (std::fgets(answer, sizeof(answer), stdin) == nullptr) return false;
  return answer[0] == '\n' || answer[0] == 'y' || answer[0] == 'Y';
}

// The header of all parts, instead of the one at `path`.
Result<void> JoinParts(Program& program, const std::string& path, OpenedHeader& opened) {
  const Progress none;
  LEDGE_TRY(const SplitSource split, OpenSplit(program.os(), path, none));
  opened.mapping = nullptr;
  opened.file_bytes = split.reader->size();
  opened.joined.resize(split.lead_bytes);
  LEDGE_CHECK_OK(split.reader->Read(opened.joined));
  LEDGE_TRY(opened.own, GgufHeader::Parse(opened.joined, opened.file_bytes, path));
  return {};
}

// The manifest of a name, by its catalogue's full name where an alias was given.
Result<Manifest> FindManifest(const Store& store, const ModelName& name) {
  auto manifest = store.Find(name);
  if (manifest.ok() || manifest.error().code != Code::kNotFound) return manifest;
  const CatalogueEntry* entry = FindInCatalogue(name.ToString());
  if (entry != nullptr) {
    LEDGE_TRY(const ModelName full, ParseModelName(entry->name));
    return store.Find(full);
  }
  return manifest;
}

}  // namespace

void ModelArgument::DeclareModel(Options& options) {
  options.Argument("MODEL", model,
                   "a GGUF file, a folder of safetensors, or a name from 'ledge list'");
}

void ModelArgument::DeclareStoreOptions(Options& options) {
  options.Flag("--no-store", no_store, "keep a file's packed form in this process's memory");
  options.Flag("--pull", pull, "fetch a model of the catalogue that is not here yet");
}

Result<Store> OpenStore(const Program& program) {
  LEDGE_TRY(const std::string home, program.Home());
  return Store::Open(program.os(), home);
}

std::string UserHome() {
  const char* home = std::getenv("HOME");
  return home == nullptr ? std::string() : std::string(home);
}

Result<std::optional<NamedModel>> NameOf(const Program& program, const ModelArgument& argument) {
  LEDGE_TRY(const Store store, OpenStore(program));
  LEDGE_TRY(const ModelReference reference,
            ResolveModel(program.os(), store, argument.model, UserHome()));
  if (reference.is_path) return std::optional<NamedModel>();
  return std::optional<NamedModel>(
      {.name = reference.name.ToString(), .stored = FindManifest(store, reference.name).ok()});
}

Result<Manifest> FindModel(Program& program, const Store& store, const ModelArgument& argument) {
  LEDGE_TRY(const ModelName name, ParseModelName(argument.model));
  auto manifest = FindManifest(store, name);
  if (manifest.ok() || manifest.error().code != Code::kNotFound) return manifest;
  const CatalogueEntry* entry = FindInCatalogue(name.ToString());
  if (entry == nullptr || !(argument.pull || AskToPull(program, *entry)))
    return NotInStore(store, name, entry);
  return PullFromCatalogue(program, store, *entry);
}

Result<std::shared_ptr<const PackedModel>> OpenModel(Program& program,
                                                     const ModelArgument& argument) {
  LEDGE_TRY(const Store store, OpenStore(program));
  LEDGE_TRY(const ModelReference reference,
            ResolveModel(program.os(), store, argument.model, UserHome()));
  if (reference.is_path) return OpenPath(program, store, reference.path, argument);
  LEDGE_TRY(Manifest manifest, FindModel(program, store, argument));
  if (manifest.layout_version < kPackLayoutVersion) {
    LongWork work(program);
    LEDGE_TRY(manifest, RepackStored(program.os(), store, manifest,
                                     work.Show("packing " + manifest.name.ToString() + " again"),
                                     [&] { return work.interrupted(); }));
  }
  return OpenStored(program.os(), store, manifest);
}

Result<OpenedHeader> OpenHeader(Program& program, const ModelArgument& argument) {
  LEDGE_TRY(const Store store, OpenStore(program));
  OpenedHeader opened;
  LEDGE_TRY(const ModelReference reference,
            ResolveModel(program.os(), store, argument.model, UserHome()));
  bool is_folder = false;
  if (reference.is_path) {
    LEDGE_TRY(is_folder, IsModelFolder(program.os(), reference.path));
  }
  if (is_folder) {
    LEDGE_TRY(opened.made, FolderModel::Open(program.os(), reference.path, {}));
    opened.file_bytes = opened.made->file_bytes();
    LEDGE_TRY(opened.own,
              GgufHeader::Parse(opened.made->lead(), opened.file_bytes, reference.path));
    opened.own.CallKeys(opened.made->key_origins());
    return opened;
  }
  if (reference.is_path) {
    LEDGE_TRY(opened.mapping, program.os().Map(reference.path));
    opened.file_bytes = opened.mapping->bytes().size();
    LEDGE_TRY(opened.own,
              GgufHeader::Parse(opened.mapping->bytes(), opened.file_bytes, reference.path));
    if (IsSplit(opened.own)) LEDGE_CHECK_OK(JoinParts(program, reference.path, opened));
    return opened;
  }
  LEDGE_TRY(const Manifest manifest, FindModel(program, store, argument));
  LEDGE_TRY(opened.packed, OpenStored(program.os(), store, manifest, PackLayouts::kAnyKnown));
  opened.file_bytes = opened.packed->source_bytes();
  return opened;
}

void WarnOfGuesses(Program& program, const GgufHeader& header) {
  if (const auto guess = GuessOfPreTokenizer(header)) program.Warn(*guess);
}

void WarnOfGaps(Program& program, const PackedModel& packed) {
  const GgufHeader& header = packed.header();
  if (packed.tokenizer_tables().empty()) {
    program.Warn(WhyNoTokenizer(header).message + " (kept all the same; token ids work)");
    return;
  }
  WarnOfGuesses(program, header);
  const auto source = header.String("tokenizer.chat_template", "");
  if (!source.ok()) return program.Warn(source.error().message);
  const auto parsed =
      ChatTemplate::Parse(std::string(*source), "tokenizer.chat_template of " + header.file());
  if (!parsed.ok())
    program.Warn(parsed.error().message + " (--chat-template chooses another, --raw uses none)");
}

Result<OpenedTokenizer> OpenTokenizer(Program& program, const ModelArgument& argument) {
  OpenedTokenizer opened;
  LEDGE_TRY(opened.source, OpenHeader(program, argument));
  WarnOfGuesses(program, opened.source.header());
  std::span<const std::byte> tables;
  if (opened.source.packed) tables = opened.source.packed->tokenizer_tables();
  if (tables.empty()) {
    LEDGE_TRY(const Vocab vocab, ReadVocab(opened.source.header()));
    LEDGE_TRY(opened.tables, BuildTables(vocab));
    tables = opened.tables;
  }
  LEDGE_TRY(opened.tokenizer, Tokenizer::Open(tables, TokenTextsOf(opened.source.header())));
  if (opened.source.mapping && opened.source.mapping->damaged()) {
    return MakeError(Code::kIo, "{}: changed while it was read; try again", argument.model);
  }
  return opened;
}

}  // namespace ledge
