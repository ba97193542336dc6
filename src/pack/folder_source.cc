#include "pack/folder_source.h"

namespace ledge {
namespace {

class FolderReader final : public SourceReader {
 public:
  FolderReader(const std::string& path, FolderModel model, const Progress& progress)
      : SourceReader(path, model.file_bytes(), progress), model_(std::move(model)) {}

  const TensorOrigins* origins() const { return &model_; }

 private:
  Result<void> Fill(std::span<std::byte> out) override { return model_.Read(out); }
  Result<void> CheckWhole(const Digest&) override { return model_.CheckUnchanged(); }

  FolderModel model_;
};

}  // namespace

Result<FolderSource> OpenFolderSource(Os& os, const std::string& path, const FolderOptions& options,
                                      const Progress& progress) {
  LEDGE_TRY(FolderModel model, FolderModel::Open(os, path, options));
  const uint64_t lead_bytes = model.lead().size();
  auto key_origins = model.key_origins();
  auto reader = std::make_unique<FolderReader>(path, std::move(model), progress);
  const TensorOrigins* const origins = reader->origins();
  return FolderSource{std::move(reader), lead_bytes, origins, std::move(key_origins)};
}

}  // namespace ledge
