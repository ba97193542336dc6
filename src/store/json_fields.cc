#include "store/json_fields.h"

#include <nlohmann/json.hpp>

namespace ledge {
namespace {

using nlohmann::json;

Error Wrong(const char* key, const char* wanted) {
  return MakeError(Code::kMalformed, "field {} is missing or not {}", key, wanted);
}

}  // namespace

Result<std::string> TextField(const json& object, const char* key) {
  const auto at = object.find(key);
  if (at == object.end() || !at->is_string()) return Wrong(key, "a text");
  return at->get<std::string>();
}

Result<uint64_t> NumberField(const json& object, const char* key) {
  const auto at = object.find(key);
  if (at == object.end() || !at->is_number_unsigned()) return Wrong(key, "a whole number from 0");
  return at->get<uint64_t>();
}

Result<int64_t> SignedField(const json& object, const char* key) {
  const auto at = object.find(key);
  const bool fits = at != object.end() && at->is_number_integer() &&
                    (!at->is_number_unsigned() || at->get<uint64_t>() <= uint64_t{INT64_MAX});
  if (!fits) return Wrong(key, "a whole number");
  return at->get<int64_t>();
}

json StampToJson(const FileStamp& stamp) {
  return {{"device", stamp.device},
          {"inode", stamp.inode},
          {"size", stamp.size},
          {"modified_ns", stamp.modified_ns},
          {"changed_ns", stamp.changed_ns}};
}

Result<FileStamp> StampFromJson(const json& value) {
  if (!value.is_object()) return Wrong("stamp", "an object");
  FileStamp stamp;
  LEDGE_TRY(stamp.device, NumberField(value, "device"));
  LEDGE_TRY(stamp.inode, NumberField(value, "inode"));
  LEDGE_TRY(stamp.size, NumberField(value, "size"));
  LEDGE_TRY(stamp.modified_ns, SignedField(value, "modified_ns"));
  LEDGE_TRY(stamp.changed_ns, SignedField(value, "changed_ns"));
  return stamp;
}

}  // namespace ledge
