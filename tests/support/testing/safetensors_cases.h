// The catalogue of broken safetensors files: each with the error that it must give. The reader's
// tests run every one by name, and the fuzzer starts from the same files.
#pragma once

#include <string>
#include <vector>

#include "base/error.h"
#include "testing/safetensors_builder.h"

namespace ledge::testing {

struct SafetensorsCase {
  std::string name;
  Code code;
  std::string words;  // of the message
  std::string bytes;
};

namespace safetensors_cases {

inline std::string WithLength(uint64_t length, const std::string& rest) {
  std::string file(sizeof(length), '\0');
  std::memcpy(file.data(), &length, sizeof(length));
  return file + rest;
}

// One F32 tensor 'w' of two values, its fields as given.
inline std::string Fields(const std::string& fields, size_t data = 8) {
  return SafetensorsBytes("{\"w\":{" + fields + "}}", std::string(data, '\0'));
}
inline std::string Shape(const std::string& dtype, const std::string& shape, size_t data = 8) {
  return Fields("\"dtype\":\"" + dtype + "\",\"shape\":" + shape + ",\"data_offsets\":[0," +
                    std::to_string(data) + "]",
                data);
}
inline std::string Offsets(const std::string& offsets, size_t data = 8) {
  return Fields("\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":" + offsets, data);
}
inline std::string Two(const std::string& first, const std::string& second,
                       const std::string& second_name = "b") {
  return SafetensorsBytes(
      "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":" + first + "},\"" + second_name +
          "\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":" + second + "}}",
      std::string(16, '\0'));
}
inline std::string Named(const std::string& name) {
  return SafetensorsBytes(
      "{\"" + name + "\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}",
      std::string(8, '\0'));
}

}  // namespace safetensors_cases

inline std::vector<SafetensorsCase> BrokenSafetensors() {
  using namespace safetensors_cases;
  const Code bad = Code::kMalformed;
  std::string deep = "{\"__metadata__\":";
  for (int i = 0; i < 10000; ++i) deep += "{\"a\":";
  return {
      {"empty_file", bad, "the header's length at offset 0 needs 8 bytes", ""},
      {"length_cut", bad, "the header's length at offset 0 needs 8 bytes", "abc"},
      {"length_huge", bad, "length is 18446744073709551615", WithLength(UINT64_MAX, "{}")},
      {"length_past_end", bad, "length is 3; it should be at most", WithLength(3, "{}")},
      {"length_over_limit", bad, "length is 33554433", WithLength((32 << 20) + 1, "{}")},
      {"length_zero", bad, "begins with \"\"", WithLength(0, "{}")},
      {"header_array", bad, "begins with \"[1]\"", SafetensorsBytes("[1]", "")},
      {"header_spaces_first", bad, "begins with", SafetensorsBytes("  {}", "")},
      {"header_cut", bad, "no JSON", SafetensorsBytes("{\"a\":", "")},
      {"header_two_values", bad, "no JSON", SafetensorsBytes("{}{}", "")},
      {"header_not_utf8", bad, "no JSON", Named("a\xFF")},
      {"header_deep", bad, "an object where a text of __metadata__", SafetensorsBytes(deep, "")},
      {"header_bytes_behind", bad, "8 bytes behind the last tensor",
       SafetensorsBytes("{}", std::string(8, '\0'))},
      {"tensor_text", bad, "tensor 'w': has a text where an object",
       SafetensorsBytes("{\"w\":\"x\"}", "")},
      {"tensor_empty", bad, "tensor 'w': lacks dtype", SafetensorsBytes("{\"w\":{}}", "")},
      {"tensor_without_shape", bad, "lacks shape",
       Fields("\"dtype\":\"F32\",\"data_offsets\":[0,8]")},
      {"tensor_without_offsets", bad, "lacks data_offsets",
       Fields("\"dtype\":\"F32\",\"shape\":[2]")},
      {"tensor_unknown_field", bad, "has the field \"strides\"",
       Fields("\"dtype\":\"F32\",\"shape\":[2],\"strides\":[1],\"data_offsets\":[0,8]")},
      {"tensor_field_twice", bad, "has dtype twice",
       Fields("\"dtype\":\"F32\",\"dtype\":\"F16\",\"shape\":[2],\"data_offsets\":[0,8]")},
      {"tensor_twice", bad, "tensor 'a' is there twice", Two("[0,8]", "[8,16]", "a")},
      {"metadata_number", bad, "a number where",
       SafetensorsBytes("{\"__metadata__\":{\"a\":1}}", "")},
      {"metadata_twice", bad, "__metadata__ is there twice",
       SafetensorsBytes("{\"__metadata__\":{},\"__metadata__\":{}}", "")},
      {"name_empty", bad, "has an empty name", Named("")},
      {"name_too_long", bad, "its name has 513 bytes", Named(std::string(513, 'n'))},
      {"name_escapes", bad, "holds control characters", Named("\\u001b[2J")},
      {"type_unknown", Code::kUnsupported, "dtype is \"F4\"", Shape("F4", "[2]")},
      {"type_number", bad, "a number where the dtype's name", Fields("\"dtype\":7")},
      {"shape_text", bad, "a text where an array", Fields("\"dtype\":\"F32\",\"shape\":\"2\"")},
      {"shape_negative", bad, "the negative number -2", Shape("F32", "[-2]")},
      {"shape_float", bad, "the number 2.5", Shape("F32", "[2.5]")},
      {"shape_beyond_64_bits", bad, "the number 36893488147419103232",
       Shape("F32", "[36893488147419103232]")},
      {"shape_nested", bad, "an array where a number", Shape("F32", "[[2]]")},
      {"shape_zero", bad, "shape[1] is 0", Shape("F32", "[2,0]")},
      {"shape_nine_dims", bad, "more than 8 dimensions", Shape("F32", "[1,1,1,1,1,1,1,1,2]")},
      {"shape_wraps_to_0", bad, "makes more than 2^64 bytes",
       Shape("F32", "[4294967296,4294967296]", 0)},
      {"shape_wraps_to_small", bad, "makes more than 2^64 bytes",
       Shape("U8", "[4294967297,4294967297]", 1)},
      {"shape_bytes_wrap", bad, "makes more than 2^64 bytes",
       Shape("F64", "[2305843009213693953]")},
      {"shape_smaller_than_data", bad, "makes 4 bytes", Shape("F32", "[1]")},
      {"shape_larger_than_data", bad, "makes 12 bytes", Shape("F32", "[3]")},
      {"offsets_past_end", bad, "the file has 8 bytes of data", Offsets("[0,16]")},
      {"offsets_huge", bad, "the file has 8 bytes of data", Offsets("[0,18446744073709551615]")},
      {"offsets_backwards", bad, "it should begin at 0", Offsets("[8,0]")},
      {"offsets_hole", bad, "it should begin at 0", Offsets("[8,16]", 16)},
      {"offsets_one", bad, "data_offsets has 1 numbers", Offsets("[0]")},
      {"offsets_three", bad, "more than 2 numbers", Offsets("[0,8,8]")},
      {"offsets_overlap", bad, "it should begin at 8", Two("[0,8]", "[4,12]")},
      {"offsets_alias", bad, "it should begin at 8", Two("[0,8]", "[0,8]")},
      {"data_truncated", bad, "the file has 4 bytes of data",
       Fields("\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]", 4)},
      {"data_behind", bad, "3 bytes behind the last tensor", Shape("F32", "[2]") + "abc"},
  };
}

inline std::string SmallSafetensors() {
  return SafetensorsFile({{"b", "F32", {2, 2}, FloatBytes({1, 2, 3, 4})},
                          {"a", "BF16", {3}, std::string("\x80\x3f\x00\x40\x40\x40", 6)},
                          {"scalar", "I64", {}, std::string(8, '\1')}});
}

}  // namespace ledge::testing
