// A folder of <home>/tmp/ for one download, removed with all that is in it.
#pragma once

#include <string>
#include <utility>

#include "base/result.h"
#include "os/os.h"
#include "store/named_lock.h"

namespace ledge {

// Its lock, run/<name>.lock, is held from before the folder is made until after it is gone: a
// folder whose lock nobody holds was left by a dead process. Made by Store::MakeDownloadFolder. The
// Os must outlive it.
class DownloadFolder {
 public:
  // `path` in a folder that may be missing; `lock` is held.
  static Result<DownloadFolder> Make(Os& os, std::string path, NamedLock lock);
  DownloadFolder(DownloadFolder&& other) noexcept
      : os_(other.os_), lock_(std::move(other.lock_)), path_(std::exchange(other.path_, {})) {}
  DownloadFolder& operator=(DownloadFolder&&) = delete;
  ~DownloadFolder();

  const std::string& path() const { return path_; }

 private:
  DownloadFolder(Os& os, std::string path, NamedLock lock)
      : os_(&os), lock_(std::move(lock)), path_(std::move(path)) {}

  Os* os_;
  NamedLock lock_;
  std::string path_;  // empty: moved from
};

// "pull-" and 16 hexadecimal digits.
Result<std::string> NewDownloadName(Os& os);
bool IsDownloadName(std::string_view name);

}  // namespace ledge
