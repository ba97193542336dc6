// Unicode normalisation of texts that may not be valid UTF-8.
//
// Source: Unicode Standard Annex #15; decompositions and compositions are utf8proc's.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ledge {

// Values are stored in files.
enum class NormalForm : uint32_t { kNone = 0, kNfc = 1, kNfd = 2, kNfkc = 3, kNfkd = 4 };
inline constexpr uint32_t kNormalForms = 5;

// More marks than this on one character are normalised as if a new one began, which bounds memory;
// no writing has as many.
inline constexpr uint32_t kMaxMarks = 1024;

// As files name it: "nfc"; nothing for another name.
std::optional<NormalForm> NormalFormByName(std::string_view name);
std::string_view NormalFormName(NormalForm form);  // "none" for kNone

// Whether a look at the bytes tells that normalising changes nothing.
bool IsSurelyNormal(NormalForm form, std::string_view text);

// Appends `text` normalised; bytes that are no valid UTF-8 stay as they are. At most 11 times as
// long as before. May be called from any thread.
void AppendNormalized(NormalForm form, std::string_view text, std::string& out);

}  // namespace ledge
