// Fields of the store's own JSON files, their types checked.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>

#include "base/result.h"
#include "os/os.h"

namespace ledge {

// kMalformed, naming the key, if it is missing or of another type. `object` must be an object.
Result<std::string> TextField(const nlohmann::json& object, const char* key);
Result<uint64_t> NumberField(const nlohmann::json& object, const char* key);
Result<int64_t> SignedField(const nlohmann::json& object, const char* key);

nlohmann::json StampToJson(const FileStamp& stamp);
Result<FileStamp> StampFromJson(const nlohmann::json& value);

}  // namespace ledge
