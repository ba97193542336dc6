// Which models there are to be served: those of the store, and files that were named on the command
// line. The front's view: names and manifests, never a model's contents.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "api/api_error.h"
#include "store/store.h"

namespace ledge {

struct ServedModel {
  std::string name;       // as answers spell it: "org/name:tag", ":latest" left out
  std::string reference;  // what a worker opens: the same, or a path
  uint64_t bytes = 0;     // packed; 0 if not known yet
  std::optional<Manifest> manifest;
};

class ModelIndex {
 public:
  ModelIndex(Os& os, Store store) : os_(os), store_(std::move(store)) {}

  // A name of the store, or a path, which is served under its file's name from now on. kNotFound,
  // kUsage as ResolveModel.
  Result<ServedModel> Add(const std::string& reference);
  // By any spelling: capitals, with or without ":latest". model_not_found otherwise.
  ApiResult<ServedModel> Find(const std::string& name) const;
  // The same, but the file of the command line where the name is one of what was packed of it: one
  // process is enough for both.
  ApiResult<ServedModel> FindServing(const std::string& name) const;
  // A file of the command line is listed once, not again by the name that the store gave it when it
  // was packed.
  std::vector<ServedModel> List() const;
  // With the manifest that the store has of its file.
  ServedModel Described(ServedModel model) const;
  const Store& store() const { return store_; }

 private:
  Os& os_;
  Store store_;
  std::map<std::string, ServedModel> files_;  // by name
};

}  // namespace ledge
