#include "os/fault/disk.h"

#include <algorithm>
#include <random>

#include "os/path.h"

namespace ledge::fault {
namespace {

using Coin = std::mt19937_64;
bool Heads(Coin& coin) { return (coin() >> 32 & 1) != 0; }

// Copies the chosen dirty sectors onto what was durable. The size is a thing of its own: it may
// survive without the data behind it, which then reads as zeros.
void KeepSubset(Inode& inode, Coin& coin) {
  std::vector<std::byte> left = inode.durable;
  if (Heads(coin)) left.resize(inode.now.size());
  for (const uint64_t sector : inode.dirty) {
    if (!Heads(coin)) continue;
    const uint64_t begin = sector * kSector;
    const uint64_t end = std::min<uint64_t>(begin + kSector, inode.now.size());
    if (begin >= end) continue;
    if (left.size() < end) left.resize(end);
    std::copy(inode.now.begin() + static_cast<ptrdiff_t>(begin),
              inode.now.begin() + static_cast<ptrdiff_t>(end),
              left.begin() + static_cast<ptrdiff_t>(begin));
  }
  inode.now = std::move(left);
}

}  // namespace

std::string NormalPath(std::string_view path) {
  std::string normal;
  while (!path.empty()) {
    const size_t end = std::min(path.find('/'), path.size());
    const std::string_view part = path.substr(0, end);
    if (!part.empty() && part != ".") normal.append("/").append(part);
    path.remove_prefix(std::min(end + 1, path.size()));
  }
  return normal.empty() ? "/" : normal;
}

Disk::Disk() {
  auto root = std::make_shared<Inode>();
  root->kind = FileKind::kDirectory;
  names_["/"] = root;
  durable_names_["/"] = root;
}

Disk::Disk(const Disk& other) : next_id_(other.next_id_), now_ns_(other.now_ns_) {
  std::map<const Inode*, InodePtr> copies;
  const auto copy = [&](const InodePtr& inode) {
    InodePtr& made = copies[inode.get()];
    if (made == nullptr) made = std::make_shared<Inode>(*inode);
    return made;
  };
  for (const auto& [path, inode] : other.names_) names_[path] = copy(inode);
  for (const auto& [path, inode] : other.durable_names_) durable_names_[path] = copy(inode);
  for (const Change& change : other.unsynced_) {
    unsynced_.push_back({change.unlinked, change.linked, copy(change.inode)});
  }
}

Disk::InodePtr Disk::Find(std::string_view path) const {
  const auto at = names_.find(NormalPath(path));
  return at == names_.end() ? nullptr : at->second;
}

void Disk::Apply(const Change& change, Names& names) {
  if (!change.unlinked.empty()) {
    const auto at = names.find(change.unlinked);
    if (at != names.end() && at->second == change.inode) names.erase(at);
  }
  if (!change.linked.empty()) names[change.linked] = change.inode;
}

void Disk::Record(Change change) {
  change.inode->changed_ns = now_ns_;
  Apply(change, names_);
  unsynced_.push_back(std::move(change));
}

Disk::InodePtr Disk::Make(std::string_view path, FileKind kind) {
  const InodePtr folder = Find(ParentFolder(NormalPath(path)));
  if (folder == nullptr || folder->kind != FileKind::kDirectory || Find(path) != nullptr) {
    return nullptr;
  }
  auto inode = std::make_shared<Inode>();
  inode->id = next_id_++;
  inode->kind = kind;
  inode->modified_ns = now_ns_;
  Record({"", NormalPath(path), inode});
  return inode;
}

bool Disk::Rename(std::string_view from, std::string_view to) {
  const InodePtr inode = Find(from);
  const InodePtr folder = Find(ParentFolder(NormalPath(to)));
  const InodePtr target = Find(to);
  if (inode == nullptr || folder == nullptr || folder->kind != FileKind::kDirectory) return false;
  if (inode->kind == FileKind::kDirectory) return false;  // nothing here moves folders
  if (target != nullptr && target->kind == FileKind::kDirectory) return false;
  Record({NormalPath(from), NormalPath(to), inode});
  return true;
}

bool Disk::Remove(std::string_view path) {
  const InodePtr inode = Find(path);
  if (inode == nullptr || inode->kind == FileKind::kDirectory) return false;
  Record({NormalPath(path), "", inode});
  return true;
}

bool Disk::RemoveFolder(std::string_view path) {
  const InodePtr inode = Find(path);
  if (inode == nullptr || inode->kind != FileKind::kDirectory || !List(path).empty()) return false;
  Record({NormalPath(path), "", inode});
  return true;
}

std::vector<std::string> Disk::List(std::string_view folder) const {
  const std::string parent = NormalPath(folder);
  std::vector<std::string> found;
  for (const auto& [path, inode] : names_) {
    if (path != "/" && ParentFolder(path) == parent) found.push_back(BaseName(path));
  }
  std::sort(found.begin(), found.end());
  return found;
}

void Disk::Write(Inode& inode, uint64_t offset, std::span<const std::byte> data) {
  if (data.empty()) return;
  const uint64_t end = offset + data.size();
  // Growing leaves a hole: sectors that read as zeros and are as unsynced as the rest.
  uint64_t first = offset;
  if (inode.now.size() < end) {
    first = std::min<uint64_t>(first, inode.now.size());
    inode.now.resize(end);
  }
  std::copy(data.begin(), data.end(), inode.now.begin() + static_cast<ptrdiff_t>(offset));
  for (uint64_t s = first / kSector; s * kSector < end; ++s) inode.dirty.insert(s);
  inode.modified_ns = now_ns_;
  inode.changed_ns = now_ns_;
}

void Disk::Sync(Inode& inode) {
  inode.durable = inode.now;
  inode.dirty.clear();
}

void Disk::SyncFolder(std::string_view folder) {
  const std::string synced = NormalPath(folder);
  const auto concerns = [&](const Change& change) {
    return (!change.unlinked.empty() && ParentFolder(change.unlinked) == synced) ||
           (!change.linked.empty() && ParentFolder(change.linked) == synced);
  };
  std::vector<Change> rest;
  for (Change& change : unsynced_) {
    if (concerns(change)) {
      Apply(change, durable_names_);
    } else {
      rest.push_back(std::move(change));
    }
  }
  unsynced_ = std::move(rest);
}

void Disk::Restart(Survival survival, uint64_t seed) {
  Coin coin(seed);
  if (survival != Survival::kEverything) {
    const bool keep_some = survival == Survival::kRandomSubset;
    std::set<InodePtr> inodes;
    for (const auto& [path, inode] : names_) inodes.insert(inode);
    for (const auto& [path, inode] : durable_names_) inodes.insert(inode);
    for (const Change& change : unsynced_) inodes.insert(change.inode);
    std::vector<InodePtr> ordered(inodes.begin(), inodes.end());
    // By id, not by address: the same seed gives the same loss in every run.
    std::sort(ordered.begin(), ordered.end(),
              [](const InodePtr& a, const InodePtr& b) { return a->id < b->id; });
    names_ = durable_names_;
    for (const Change& change : unsynced_) {
      if (keep_some && Heads(coin)) Apply(change, names_);
    }
    for (const InodePtr& inode : ordered) {
      if (keep_some) {
        KeepSubset(*inode, coin);
      } else {
        inode->now = inode->durable;
      }
    }
  }
  // What was in a lost folder cannot be reached. A folder sorts before everything in it.
  for (auto at = names_.begin(); at != names_.end();) {
    const bool reachable = at->first == "/" || names_.contains(ParentFolder(at->first));
    at = reachable ? std::next(at) : names_.erase(at);
  }
  for (auto& [path, inode] : names_) Sync(*inode);
  durable_names_ = names_;
  unsynced_.clear();
}

uint64_t Disk::BytesUsed() const {
  uint64_t bytes = 0;
  for (const auto& [path, inode] : names_) bytes += inode->now.size();
  return bytes;
}

}  // namespace ledge::fault
