// Remembers which digest a file's contents had, by the file's stamp, so that a file that did not
// change is not read again only to know its name. One small file a stamp in <home>/stamps/.
//
// A cache: it may be lost, and whatever in it cannot be read counts as not there. A hit is only as
// good as the file system's times, which is why IsSettled exists.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "os/os.h"
#include "os/sha256.h"

namespace ledge {

// Whether any later change of the file will show in its stamp: false if it was changed so shortly
// before `reading_began` that a write after it could still get the same times (the clock of a file
// system ticks every few milliseconds, on old ones every second or two).
bool IsSettled(const FileStamp& stamp, std::chrono::system_clock::time_point reading_began);

class StampCache {
 public:
  // `os` must outlive the cache. Makes no folder before the first Remember.
  StampCache(Os& os, std::string folder) : os_(&os), folder_(std::move(folder)) {}

  std::optional<Digest> Find(const FileStamp& stamp) const;
  Result<void> Remember(const FileStamp& stamp, const Digest& digest) const;

  struct Entry {
    std::string file;
    uint64_t bytes = 0;
    std::optional<Digest> digest;  // none if it cannot be read
  };
  // Temporary files are not among them.
  std::vector<Entry> Entries() const;

 private:
  std::optional<Digest> Read(const std::string& file, const FileStamp* stamp) const;

  Os* os_;
  std::string folder_;
};

}  // namespace ledge
