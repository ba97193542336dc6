// The catalogue of broken GGUF headers: each with the error that it must give. The reader's tests
// run every one by name, and the fuzzer starts from the same files.
#pragma once

#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "testing/gguf_builder.h"

namespace ledge::testing {

struct GgufCase {
  std::string name;
  Code code;
  std::string words;  // of the message
  std::vector<std::byte> bytes;
};

namespace gguf_cases {

inline BuiltTensor Shaped(TensorType type, std::vector<uint64_t> dims) {
  return {"w", static_cast<uint32_t>(type), std::move(dims), std::string(64, '\0'), {}, {}};
}

inline std::vector<std::byte> WithTensor(BuiltTensor tensor) {
  return GgufBuilder().Tensor(std::move(tensor)).Build();
}

inline std::vector<std::byte> WithDims(TensorType type, std::vector<uint64_t> dims) {
  return WithTensor(Shaped(type, std::move(dims)));
}

inline std::vector<std::byte> Chars(std::string_view text) {
  const auto bytes = std::as_bytes(std::span(text));
  return {bytes.begin(), bytes.end()};
}

template <typename Change>
std::vector<std::byte> Changed(Change change) {
  GgufBuilder builder;
  builder.String("general.architecture", "llama").Floats("w", {4}, {1, 2, 3, 4});
  change(builder);
  return builder.Build();
}

inline void AddPreambles(std::vector<GgufCase>& cases) {
  const auto version = [](uint32_t number) {
    return Changed([number](GgufBuilder& b) { b.version = number; });
  };
  cases.push_back({"empty_file", Code::kMalformed, "the file is empty", {}});
  cases.push_back({"magic_cut", Code::kMalformed, "magic is 47 47", Chars("GG")});
  cases.push_back({"magic_escapes", Code::kMalformed, "magic is 1b 5b 32 4a",
                   Changed([](GgufBuilder& b) { b.magic = 0x4A325B1B; })});
  cases.push_back({"version_0", Code::kMalformed, "version is 0", version(0)});
  cases.push_back({"version_1", Code::kUnsupported, "version is 1", version(1)});
  cases.push_back({"version_future", Code::kUnsupported, "version is 4", version(4)});
  cases.push_back(
      {"version_wild", Code::kUnsupported, "version is 4294967295", version(0xFFFFFFFF)});
  cases.push_back({"big_endian", Code::kUnsupported, "big-endian (version 3", version(0x03000000)});
}

inline void AddCounts(std::vector<GgufCase>& cases) {
  const auto value = [](uint32_t type, const std::string& bytes) {
    return Changed([&](GgufBuilder& b) { b.Raw("k", type, bytes); });
  };
  const auto array = [&](GgufType element, uint64_t count) {
    return value(GgufBuilder::kArrayType, GgufBuilder::ArrayHead(element, count));
  };
  cases.push_back({"n_tensors_huge", Code::kMalformed, "n_tensors is 18446744073709551615",
                   Changed([](GgufBuilder& b) { b.tensor_count = UINT64_MAX; })});
  cases.push_back({"n_tensors_million", Code::kMalformed,
                   "n_tensors is 1000000; it should be at most",
                   Changed([](GgufBuilder& b) { b.tensor_count = 1000000; })});
  cases.push_back({"n_tensors_over_bytes", Code::kMalformed,
                   "n_tensors is 100000, at least 3300000 bytes",
                   Changed([](GgufBuilder& b) { b.tensor_count = 100000; })});
  cases.push_back({"n_kv_huge", Code::kMalformed, "n_kv is 9223372036854775808",
                   Changed([](GgufBuilder& b) { b.key_count = uint64_t{1} << 63; })});
  cases.push_back({"n_kv_one_more", Code::kMalformed, "tensor",
                   Changed([](GgufBuilder& b) { b.key_count = 0; })});
  cases.push_back({"string_length_huge", Code::kMalformed, "key 'k': string at offset",
                   value(8, GgufBuilder::Bytes(UINT64_MAX))});
  cases.push_back({"array_length_huge", Code::kMalformed, "array length is 1099511627776 f32",
                   array(GgufType::kF32, uint64_t{1} << 40)});
  cases.push_back({"array_bytes_wrap", Code::kMalformed, "array length is 2305843009213693953 u64",
                   array(GgufType::kU64, (uint64_t{1} << 61) + 1)});
  cases.push_back({"array_strings_huge", Code::kMalformed, "of 18446744073709551615 reaches past",
                   array(GgufType::kString, UINT64_MAX)});
  cases.push_back({"array_string_wraps", Code::kMalformed, "string 0 of 2 reaches past",
                   value(GgufBuilder::kArrayType, GgufBuilder::ArrayHead(GgufType::kString, 2) +
                                                      GgufBuilder::Bytes(UINT64_MAX - 7))});
}

inline void AddKeys(std::vector<GgufCase>& cases) {
  const auto key = [](std::string_view name) {
    return Changed([&](GgufBuilder& b) { b.Number<uint32_t>(name, 1); });
  };
  const auto raw = [](uint32_t type, const std::string& bytes) {
    return Changed([&](GgufBuilder& b) { b.Raw("k", type, bytes); });
  };
  const auto element = [&](uint32_t type) {
    return raw(9,
               GgufBuilder::Bytes(type) + GgufBuilder::Bytes(uint64_t{1}) + std::string(16, '\0'));
  };
  cases.push_back({"key_empty", Code::kMalformed, "name of key 1 '' is empty", key("")});
  cases.push_back(
      {"key_too_long", Code::kMalformed, "name of key 1 is 513 bytes", key(std::string(513, 'k'))});
  cases.push_back({"key_escapes", Code::kMalformed, "'\\x1b[2J' holds control", key("\x1b[2J")});
  cases.push_back({"key_c1_control", Code::kMalformed, "holds control",
                   key("a\xC2\x9B"
                       "31m")});
  cases.push_back({"key_not_utf8", Code::kMalformed, "is not valid UTF-8", key("a\xFF")});
  cases.push_back({"key_twice", Code::kMalformed, "key 'general.architecture' is there twice",
                   key("general.architecture")});
  cases.push_back(
      {"value_type_unknown", Code::kMalformed, "value type is 13", raw(13, std::string(8, '\0'))});
  cases.push_back(
      {"element_type_unknown", Code::kMalformed, "array element type is 77", element(77)});
  cases.push_back({"array_nested", Code::kMalformed, "arrays may not be nested", element(9)});
  cases.push_back({"bool_of_2", Code::kMalformed, "key 'k' has a bool of value 2", raw(7, "\x02")});
  cases.push_back({"bools_of_255", Code::kMalformed, "bool of value 255",
                   raw(9, GgufBuilder::ArrayHead(GgufType::kBool, 2) + std::string("\x01\xFF"))});
}

inline void AddAlignments(std::vector<GgufCase>& cases) {
  const auto aligned = [](uint32_t alignment) {
    return Changed([&](GgufBuilder& b) { b.Number<uint32_t>("general.alignment", alignment); });
  };
  cases.push_back({"alignment_0", Code::kMalformed, "'general.alignment' is 0", aligned(0)});
  cases.push_back({"alignment_48", Code::kMalformed, "'general.alignment' is 48", aligned(48)});
  cases.push_back({"alignment_4", Code::kMalformed, "'general.alignment' is 4;", aligned(4)});
  cases.push_back(
      {"alignment_2_to_31", Code::kMalformed, "is 2147483648", aligned(uint32_t{1} << 31)});
  cases.push_back({"alignment_i32", Code::kMalformed, "is of type i32; it should be u32",
                   Changed([](GgufBuilder& b) { b.Number<int32_t>("general.alignment", 32); })});
  cases.push_back({"alignment_text", Code::kMalformed, "is of type string",
                   Changed([](GgufBuilder& b) { b.String("general.alignment", "32"); })});
}

inline void AddDims(std::vector<GgufCase>& cases) {
  constexpr uint64_t k32 = uint64_t{1} << 32;
  cases.push_back(
      {"dims_wrap_to_0", Code::kMalformed, "overflow", WithDims(TensorType::kF32, {k32, k32})});
  cases.push_back({"dims_wrap_to_small", Code::kMalformed, "overflow",
                   WithDims(TensorType::kI8, {k32 + 1, k32 + 1})});
  cases.push_back({"dims_wrap_only_values", Code::kMalformed, "overflow",
                   WithDims(TensorType::kQ4_0, {k32, k32})});
  cases.push_back(
      {"dims_negative", Code::kMalformed, "overflow", WithDims(TensorType::kF32, {4, UINT64_MAX})});
  cases.push_back({"dims_bytes_wrap", Code::kMalformed, "overflow",
                   WithDims(TensorType::kF32, {(uint64_t{1} << 62) + 1})});
  cases.push_back({"padded_size_wraps", Code::kMalformed, "past the file's end",
                   WithDims(TensorType::kI8, {UINT64_MAX - 15})});
  cases.push_back(
      {"dims_zero", Code::kMalformed, "dims[1] is 0", WithDims(TensorType::kF32, {4, 0})});
  cases.push_back({"row_zero", Code::kMalformed, "dims[0] is 0", WithDims(TensorType::kQ4_0, {0})});
  cases.push_back({"row_not_blocks", Code::kMalformed,
                   "dims[0] is 48; for type Q4_0 it should be a multiple",
                   WithDims(TensorType::kQ4_0, {48})});
  BuiltTensor many = Shaped(TensorType::kF32, {1, 1, 1, 1, 1});
  cases.push_back({"dims_five", Code::kMalformed, "n_dims is 5", WithTensor(many)});
  many.n_dims = UINT32_MAX;
  cases.push_back({"dims_huge_count", Code::kMalformed, "n_dims is 4294967295", WithTensor(many)});
  cases.push_back({"dims_none", Code::kMalformed, "n_dims is 0", WithDims(TensorType::kF32, {})});
  for (const uint32_t number : {4U, 31U, 43U, 0xFFFFFFFFU}) {
    BuiltTensor tensor = Shaped(TensorType::kF32, {4});
    tensor.type = number;
    cases.push_back({"type_" + std::to_string(number), Code::kUnsupported,
                     "tensor 'w': type is " + std::to_string(number), WithTensor(tensor)});
  }
}

inline void AddPlaces(std::vector<GgufCase>& cases) {
  const auto at = [](uint64_t offset) {
    BuiltTensor tensor = Shaped(TensorType::kF32, {4});
    tensor.offset = offset;
    return WithTensor(tensor);
  };
  const auto two = [](std::string first, std::string second, uint64_t offset) {
    BuiltTensor tensor = {std::move(second), 0, {16}, std::string(64, '\0'), offset, {}};
    return GgufBuilder()
        .Floats(std::move(first), {16}, std::vector<float>(16))
        .Tensor(tensor)
        .Build();
  };
  constexpr uint64_t kHalf = uint64_t{1} << 63;
  cases.push_back({"tensor_past_end", Code::kMalformed, "400 bytes at offset 0 of the data",
                   WithDims(TensorType::kF32, {100})});
  cases.push_back({"offset_past_end", Code::kMalformed, "past the file's end", at(4096)});
  cases.push_back({"offset_wraps", Code::kMalformed, "past the file's end", at(UINT64_MAX - 31)});
  cases.push_back(
      {"offset_unaligned", Code::kMalformed, "offset is 8; it should be a multiple of 32", at(8)});
  cases.push_back({"sizes_sum_wraps", Code::kMalformed, "past the file's end",
                   GgufBuilder()
                       .Tensor({"a", 24, {kHalf}, std::string(64, '\0'), {}, {}})
                       .Tensor({"b", 24, {kHalf}, std::string(64, '\0'), {}, {}})
                       .Build()});
  cases.push_back({"tensors_alias", Code::kMalformed, "overlaps", two("a", "b", 0)});
  cases.push_back({"tensors_overlap", Code::kMalformed, "tensor 'b'", two("a", "b", 32)});
  cases.push_back(
      {"tensor_twice", Code::kMalformed, "tensor 'a' is there twice", two("a", "a", 64)});
  cases.push_back(
      {"tensor_name_empty", Code::kMalformed, "name of tensor 0 '' is empty", two("", "b", 64)});
  auto cut = SmallGguf();
  cut.resize(cut.size() - 40);
  cases.push_back({"data_truncated", Code::kMalformed, "past the file's end", cut});
  cut.resize(100);
  cases.push_back({"header_truncated", Code::kMalformed, "n_tensors is 3, at least 99 bytes", cut});
}

}  // namespace gguf_cases

inline std::vector<GgufCase> BrokenGgufs() {
  std::vector<GgufCase> cases;
  gguf_cases::AddPreambles(cases);
  gguf_cases::AddCounts(cases);
  gguf_cases::AddKeys(cases);
  gguf_cases::AddAlignments(cases);
  gguf_cases::AddDims(cases);
  gguf_cases::AddPlaces(cases);
  return cases;
}

}  // namespace ledge::testing
