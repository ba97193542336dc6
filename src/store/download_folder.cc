#include "store/download_folder.h"

#include <array>

namespace ledge {
namespace {

constexpr std::string_view kPrefix = "pull-";
constexpr size_t kRandomBytes = 8;

}  // namespace

Result<DownloadFolder> DownloadFolder::Make(Os& os, std::string path, NamedLock lock) {
  DownloadFolder folder(os, std::move(path), std::move(lock));
  LEDGE_CHECK_OK(os.MakeFolder(folder.path_));
  return folder;
}

// What can't be removed is left for a collection: the lock ends in any case.
DownloadFolder::~DownloadFolder() {
  if (!path_.empty()) (void)os_->RemoveTree(path_);
}

Result<std::string> NewDownloadName(Os& os) {
  std::array<std::byte, kRandomBytes> random{};
  LEDGE_CHECK_OK(os.Entropy(random));
  std::string name(kPrefix);
  for (const std::byte b : random) name += fmt::format("{:02x}", static_cast<unsigned>(b));
  return name;
}

bool IsDownloadName(std::string_view name) {
  if (!name.starts_with(kPrefix)) return false;
  name.remove_prefix(kPrefix.size());
  return name.size() == 2 * kRandomBytes &&
         name.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

}  // namespace ledge
