// A message's fields, put into a CBOR map and taken out again. Both classes are called with a
// field's name and the field, so that one description of a message serves both directions. What is
// read comes from another process and is checked: types, ranges, no NaN. (nlohmann's own
// conversions would round and wrap.) Only for .cc files: it includes the library.
#pragma once

#include <chrono>
#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "api/ask.h"
#include "base/error.h"

namespace ledge {

using Cbor = nlohmann::json;

// Puts fields into a map, which outlives it.
class CborWriter {
 public:
  explicit CborWriter(Cbor& map) : map_(map) {}
  void operator()(const char* name, const std::string& v) { map_[name] = v; }
  void operator()(const char* name, bool v) { map_[name] = v; }
  void operator()(const char* name, float v) { map_[name] = v; }
  template <typename T>
    requires std::is_integral_v<T>
  void operator()(const char* name, T v) {
    map_[name] = v;
  }
  template <typename R, typename P>
  void operator()(const char* name, const std::chrono::duration<R, P>& v) {
    map_[name] = static_cast<int64_t>(v.count());
  }
  template <typename T>
  void operator()(const char* name, const std::optional<T>& v) {
    if (v) (*this)(name, *v);
  }
  template <typename T>
  void operator()(const char* name, const std::vector<T>& list) {
    Cbor array = Cbor::array();
    for (const T& entry : list) {
      Cbor wrapped = Cbor::object();
      CborWriter inner(wrapped);
      inner("v", entry);
      array.push_back(std::move(wrapped["v"]));
    }
    map_[name] = std::move(array);
  }
  void operator()(const char* name, const std::pair<Token, float>& v) {
    map_[name] = Cbor::array({v.first, v.second});
  }
  void operator()(const char* name, const TokenShare& v) {
    map_[name] = Cbor::array({v.token, v.bytes, v.logprob});
  }
  void operator()(const char* name, const Error& v) {
    map_[name] = Cbor::array({static_cast<int>(v.code), v.message});
  }
  template <typename E>
    requires std::is_enum_v<E>
  void Enum(const char* name, E v, int) {
    map_[name] = static_cast<int>(v);
  }

 private:
  Cbor& map_;
};

// Takes fields out of a map. The first that is missing, of another type or out of range is the
// problem; those behind it are not read.
class CborReader {
 public:
  CborReader(const Cbor& map, bool& ok, std::string& problem)
      : map_(map), ok_(ok), problem_(problem) {}

  void operator()(const char* name, std::string& v) { Read(Find(name), name, v); }
  void operator()(const char* name, bool& v) { Read(Find(name), name, v); }
  void operator()(const char* name, float& v) { Read(Find(name), name, v); }
  template <typename T>
    requires std::is_integral_v<T>
  void operator()(const char* name, T& v) {
    Read(Find(name), name, v);
  }
  template <typename R, typename P>
  void operator()(const char* name, std::chrono::duration<R, P>& v) {
    R count = 0;
    Read(Find(name), name, count);
    v = std::chrono::duration<R, P>(count);
  }
  template <typename T>
  void operator()(const char* name, std::optional<T>& v) {
    if (!map_.contains(name)) return;
    T value{};
    Read(Find(name), name, value);
    v = value;
  }
  template <typename T>
  void operator()(const char* name, std::vector<T>& list) {
    Read(Find(name), name, list);
  }
  void operator()(const char* name, Error& v) {
    const Cbor* json = Find(name);
    int code = 0;
    if (!IsTuple(json, 2)) return Fail(name);
    Read(&(*json)[0], name, code);
    Read(&(*json)[1], name, v.message);
    if (code < 0 || code > static_cast<int>(Code::kInterrupted)) return Fail(name);
    v.code = static_cast<Code>(code);
  }
  template <typename E>
    requires std::is_enum_v<E>
  void Enum(const char* name, E& v, int last) {
    int value = 0;
    Read(Find(name), name, value);
    if (value < 0 || value > last) return Fail(name);
    v = static_cast<E>(value);
  }

 private:
  const Cbor* Find(const char* name) const {
    const auto found = map_.find(name);
    return found == map_.end() ? nullptr : &*found;
  }
  static bool IsTuple(const Cbor* json, size_t size) {
    return json != nullptr && json->is_array() && json->size() == size;
  }
  void Fail(const char* name) {
    if (ok_) problem_ = name;
    ok_ = false;
  }
  void Read(const Cbor* json, const char* name, std::string& v) {
    if (json == nullptr || !json->is_string()) return Fail(name);
    v = json->get_ref<const std::string&>();
  }
  void Read(const Cbor* json, const char* name, bool& v) {
    if (json == nullptr || !json->is_boolean()) return Fail(name);
    v = json->get<bool>();
  }
  void Read(const Cbor* json, const char* name, float& v) {
    if (json == nullptr || !json->is_number() || std::isnan(json->get<double>())) return Fail(name);
    v = json->get<float>();
  }
  template <typename T>
    requires std::is_integral_v<T>
  void Read(const Cbor* json, const char* name, T& v) {
    if (json == nullptr || !json->is_number_integer()) return Fail(name);
    const bool fits = json->is_number_unsigned() ? std::in_range<T>(json->get<uint64_t>())
                                                 : std::in_range<T>(json->get<int64_t>());
    if (!fits) return Fail(name);
    v = json->get<T>();
  }
  void Read(const Cbor* json, const char* name, std::pair<Token, float>& v) {
    if (!IsTuple(json, 2)) return Fail(name);
    Read(&(*json)[0], name, v.first);
    Read(&(*json)[1], name, v.second);
  }
  void Read(const Cbor* json, const char* name, TokenShare& v) {
    if (!IsTuple(json, 3)) return Fail(name);
    Read(&(*json)[0], name, v.token);
    Read(&(*json)[1], name, v.bytes);
    Read(&(*json)[2], name, v.logprob);
  }
  template <typename T>
  void Read(const Cbor* json, const char* name, std::vector<T>& list) {
    if (json == nullptr || !json->is_array()) return Fail(name);
    list.clear();
    for (const Cbor& entry : *json) {
      if (!ok_) return;
      Read(&entry, name, list.emplace_back());
    }
  }

  const Cbor& map_;
  bool& ok_;
  std::string& problem_;
};

}  // namespace ledge
