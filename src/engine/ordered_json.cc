#include "engine/ordered_json.h"

#include <string>
#include <unordered_map>
#include <vector>

namespace ledge {
namespace {

using Json = nlohmann::ordered_json;

// Fewer keys than these are looked through one by one.
constexpr size_t kIndexedKeys = 16;

// Makes a value of a parser's events. Objects and arrays that are open are on a stack, and move
// into the one around them when they end.
class Builder final : public nlohmann::json_sax<Json> {
 public:
  explicit Builder(JsonLimits limits) : limits_(limits) {}

  Json Take() { return std::move(root_); }
  Error TakeError() { return *std::move(error_); }

  bool null() override { return Put(nullptr); }
  bool boolean(bool value) override { return Put(value); }
  bool number_integer(number_integer_t value) override { return Put(value); }
  bool number_unsigned(number_unsigned_t value) override { return Put(value); }
  bool number_float(number_float_t value, const string_t&) override { return Put(value); }
  bool string(string_t& value) override { return Put(std::move(value)); }
  bool binary(binary_t&) override { return false; }  // not in text

  bool start_object(size_t) override { return Open(Json::object()); }
  bool start_array(size_t) override { return Open(Json::array()); }
  bool end_object() override { return Close(); }
  bool end_array() override { return Close(); }
  bool key(string_t& name) override {
    if (open_.back().value.size() == limits_.keys) {
      error_ = MakeError(Code::kMalformed,
                         "has more than {} keys in one object; must have at most that many",
                         limits_.keys);
      return false;
    }
    open_.back().key = std::move(name);
    return true;
  }

  bool parse_error(size_t, const std::string&,
                   const nlohmann::detail::exception& problem) override {
    std::string_view what = problem.what();
    // "[json.exception.parse_error.101] parse error at ...": the part for people.
    if (const size_t end = what.find("] "); end != what.npos) what.remove_prefix(end + 2);
    error_ = MakeError(Code::kMalformed, "is no JSON: {}; must be JSON in UTF-8",
                       PrintableLine(what, 200));
    return false;
  }

 private:
  struct Level {
    Json value;
    std::string key = {};                                 // the next value's, of an object
    std::unordered_map<std::string, size_t> places = {};  // of keys, once there are many
  };

  bool Open(Json empty) {
    if (open_.size() == limits_.depth) {
      error_ = MakeError(Code::kMalformed, "nests deeper than {}; must be at most that deep",
                         limits_.depth);
      return false;
    }
    open_.push_back({.value = std::move(empty)});
    return true;
  }

  bool Close() {
    Json value = std::move(open_.back().value);
    open_.pop_back();
    return Put(std::move(value));
  }

  bool Put(Json value) {
    if (++values_ > limits_.values) {
      error_ = MakeError(Code::kMalformed, "holds more than {} values; must be at most that many",
                         limits_.values);
      return false;
    }
    if (open_.empty()) {
      root_ = std::move(value);
    } else if (Level& level = open_.back(); level.value.is_array()) {
      level.value.get_ref<Json::array_t&>().push_back(std::move(value));
    } else {
      PutMember(level, std::move(value));
    }
    return true;
  }

  static void PutMember(Level& level, Json value) {
    auto& object = level.value.get_ref<Json::object_t&>();
    if (object.size() < kIndexedKeys) {
      object[level.key] = std::move(value);
      return;
    }
    if (level.places.empty()) {
      for (size_t i = 0; i < object.size(); ++i) level.places.emplace(object.begin()[i].first, i);
    }
    const auto [place, is_new] = level.places.emplace(level.key, object.size());
    if (is_new) {
      // The vector's own: the map's looks through all keys.
      object.Json::object_t::Container::emplace_back(std::move(level.key), std::move(value));
    } else {
      object.begin()[static_cast<std::ptrdiff_t>(place->second)].second = std::move(value);
    }
  }

  const JsonLimits limits_;
  std::vector<Level> open_;
  size_t values_ = 0;
  Json root_;
  std::optional<Error> error_;
};

}  // namespace

Result<Json> ParseOrderedJson(std::string_view text, JsonLimits limits) {
  Builder builder(limits);
  if (!Json::sax_parse(text.begin(), text.end(), &builder)) return builder.TakeError();
  return builder.Take();
}

}  // namespace ledge
