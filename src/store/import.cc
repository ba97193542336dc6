#include "store/import.h"

#include "gguf/weight_summary.h"
#include "model/model.h"
#include "pack/packer.h"
#include "pack/split_source.h"

namespace ledge {
namespace {

// The source, read up to its weights, if it is a model that this build can run.
Result<Packer> OpenRunnable(Os& os, const std::string& path, const Progress& progress,
                            const FolderOptions& options) {
  LEDGE_TRY(Packer packer, Packer::Open(os, path, progress, options));
  LEDGE_TRY(const ModelSpec spec, Model::Describe(packer.header(), packer.origins()));
  static_cast<void>(spec);
  return packer;
}

// Stands for all files of a source of several; nothing for a single file.
std::optional<FileStamp> PartsStamp(Os& os, const std::string& path, const FolderOptions& options) {
  const auto folder = FolderStamp(os, path, options);
  return folder ? folder : SplitStamp(os, path);
}

// What the manifest tells of a model.
Result<PackedInfo> Describe(const GgufHeader& header, const PackReport& report) {
  PackedInfo info{.source_sha256 = report.source_digest,
                  .source_bytes = report.source_bytes,
                  .packed_bytes = report.packed_bytes};
  LEDGE_TRY(const auto architecture, header.String("general.architecture", ""));
  LEDGE_TRY(const auto licence, header.String("general.license", ""));
  info.architecture = PrintableLine(architecture, 64);
  info.licence = PrintableLine(licence, 64);
  const WeightSummary weights = SummariseWeights(header);
  info.parameters = weights.parameters;
  info.quantisation = weights.quantisation;
  return info;
}

// What people call it: the file that was run, or the name with the file behind it.
std::string CalledOf(const Manifest& manifest) {
  const std::string file = PrintableLine(manifest.source_file, 200);
  if (file.empty()) return manifest.name.ToString();
  if (manifest.origin == Origin::kRun) return file;
  return fmt::format("{} ({})", manifest.name.ToString(), file);
}

Result<PackedInfo> PackInto(PendingFile& out, Packer& packer) {
  LEDGE_CHECK_OK(packer.Plan());
  LEDGE_TRY(const PackReport report, packer.Run(out));
  return Describe(packer.header(), report);
}

}  // namespace

std::optional<Digest> KnownSource(Os& os, const Store& store, const std::string& path,
                                  const FolderOptions& options) {
  const auto parts = PartsStamp(os, path, options);
  return parts ? store.KnownDigest(*parts) : store.KnownDigest(path);
}

Result<Manifest> ImportModel(Os& os, const Store& store, PutRequest request,
                             const Progress& progress, const FolderOptions& options) {
  // Taken first: a change from here on makes it another.
  const auto parts = PartsStamp(os, request.source_path, options);
  LEDGE_TRY(Packer packer, OpenRunnable(os, request.source_path, progress, options));
  request.layout_version = kPackLayoutVersion;
  request.source_stamp = packer.source_stamp();
  if (!request.source_stamp) request.parts_stamp = parts;
  if (request.expected_packed_bytes == 0) request.expected_packed_bytes = packer.source_bytes();
  return store.Put(request, [&](PendingFile& out) { return PackInto(out, packer); });
}

Result<Manifest> RepackStored(Os& os, const Store& store, const Manifest& manifest,
                              const Progress& progress, std::function<bool()> stop) {
  const PutRequest request{.name = manifest.name,
                           .source_stamp = manifest.source_stamp,
                           .source_file = manifest.source_file,
                           .source_sha256 = manifest.source_sha256,
                           .layout_version = kPackLayoutVersion,
                           .expected_packed_bytes = manifest.packed_bytes,
                           .origin = manifest.origin,
                           .licence = manifest.licence,
                           .created_unix = manifest.created_unix,
                           .only_if_named = true,
                           .stop = std::move(stop)};
  LEDGE_TRY(auto old, OpenStored(os, store, manifest, PackLayouts::kAnyKnown));
  LEDGE_TRY(Packer packer, Packer::Reopen(std::move(old), progress));
  return store.Put(request, [&](PendingFile& out) { return PackInto(out, packer); });
}

Result<std::shared_ptr<const PackedModel>> PackPrivately(Os& os, const std::string& path,
                                                         const Progress& progress) {
  LEDGE_TRY(Packer packer, OpenRunnable(os, path, progress, {}));
  return PackToMemory(os, packer);
}

Result<std::shared_ptr<const PackedModel>> OpenStored(Os& os, const Store& store,
                                                      const Manifest& manifest,
                                                      PackLayouts layouts) {
  return PackedModel::Open(os, store.PackedPath(manifest), layouts, CalledOf(manifest));
}

Result<void> VerifyStored(Os& os, const Store& store, const ModelName& name,
                          const Progress& progress) {
  return store.Verify(
      name, [&](const std::string& packed_path, const Manifest& manifest) -> Result<void> {
        LEDGE_TRY(const auto packed, PackedModel::Open(os, packed_path, PackLayouts::kAnyKnown));
        if (packed->source_digest() != manifest.source_sha256) {
          return MakeError(Code::kVerification,
                           "{}: was packed from {}, not from {} as the name's manifest says",
                           packed_path, packed->source_digest().ToHex(),
                           manifest.source_sha256.ToHex());
        }
        return packed->Verify(progress);
      });
}

Result<void> ExportStored(Os& os, const Store& store, const ModelName& name,
                          const std::string& path, const Progress& progress) {
  return store.Export(
      name, path,
      [&](const std::string& packed_path, const Manifest&, PendingFile& out) -> Result<void> {
        LEDGE_TRY(const auto packed, PackedModel::Open(os, packed_path, PackLayouts::kAnyKnown));
        return packed->Export(out, progress);
      });
}

}  // namespace ledge
