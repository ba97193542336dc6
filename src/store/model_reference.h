// What a user means by MODEL: a path to a file or folder, or a name in the store.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "os/os.h"
#include "store/model_name.h"
#include "store/store.h"

namespace ledge {

struct ModelReference {
  bool is_path = false;
  std::string path;  // if is_path, "~/" replaced by the user's home
  ModelName name;    // otherwise; it need not be in the store
};

// A path begins with "/", "./", "../" or "~", or ends in ".gguf", or is an existing file or folder
// when no such name is stored. What is neither a path nor shaped like a name is kUsage. `user_home`
// may be empty.
Result<ModelReference> ResolveModel(Os& os, const Store& store, std::string_view text,
                                    std::string_view user_home);

}  // namespace ledge
