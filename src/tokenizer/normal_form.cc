#include "tokenizer/normal_form.h"

#include <utf8proc.h>

#include <algorithm>
#include <array>
#include <span>
#include <vector>

#include "base/utf8.h"

namespace ledge {
namespace {

constexpr std::array<std::string_view, kNormalForms> kNames = {"none", "nfc", "nfd", "nfkc",
                                                               "nfkd"};
bool Composes(NormalForm form) { return form == NormalForm::kNfc || form == NormalForm::kNfkc; }
bool IsCompatible(NormalForm form) {
  return form == NormalForm::kNfkc || form == NormalForm::kNfkd;
}

// Whether a character may be changed, or joined to the one before it: not in ASCII, and NFC leaves
// all below the first combining mark as it is.
bool IsPlain(NormalForm form, char32_t rune) {
  return rune < (form == NormalForm::kNfc ? 0x300 : 0x80);
}

// Whether a character is never joined to what stands before it: only marks are, and Hangul's vowels
// and ends of syllables.
bool BeginsAnew(char32_t rune) {
  if (rune >= 0x1160 && rune <= 0x11FF) return false;
  switch (utf8proc_category(static_cast<utf8proc_int32_t>(rune))) {
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_MC:
    case UTF8PROC_CATEGORY_ME:
      return false;
    default:
      return true;
  }
}

class Normalizer {
 public:
  Normalizer(NormalForm form, std::string& out) : form_(form), out_(out) {
    options_ = UTF8PROC_STABLE | (Composes(form) ? UTF8PROC_COMPOSE : UTF8PROC_DECOMPOSE) |
               (IsCompatible(form) ? UTF8PROC_COMPAT : 0);
  }

  void Add(std::string_view text) {
    while (!text.empty()) {
      AddAscii(text);
      const std::string_view before = text;
      const char32_t rune = Utf8Next(text);
      if (rune == kInvalidRune) {
        Flush();
        out_ += before.substr(0, 1);
        continue;
      }
      const bool plain = IsPlain(form_, rune);
      if (plain || BeginsAnew(rune) || runes_.size() == kMaxMarks) Flush();
      // What is plain only has to be looked at if a mark follows.
      if (plain && (text.empty() || static_cast<uint8_t>(text[0]) < 0x80)) {
        out_ += before.substr(0, before.size() - text.size());
      } else {
        runes_.push_back(static_cast<utf8proc_int32_t>(rune));
      }
    }
    Flush();
  }

 private:
  // Of a beginning in ASCII all but the last character, which a mark may follow.
  void AddAscii(std::string_view& text) {
    const auto* const end =
        std::ranges::find_if(text, [](char c) { return static_cast<uint8_t>(c) >= 0x80; });
    const auto count = static_cast<size_t>(end - text.begin());
    if (count < 2) return;
    Flush();
    out_ += text.substr(0, count - 1);
    text.remove_prefix(count - 1);
  }

  // Decomposes, sorts and composes what is buffered.
  void Flush() {
    if (runes_.empty()) return;
    parts_.resize(runes_.size() * 18);  // the most that a character decomposes into
    size_t count = 0;
    int boundary = 0;
    for (const utf8proc_int32_t rune : runes_) {
      const utf8proc_ssize_t made = utf8proc_decompose_char(
          rune, parts_.data() + count, static_cast<utf8proc_ssize_t>(parts_.size() - count),
          static_cast<utf8proc_option_t>(options_), &boundary);
      count += static_cast<size_t>(std::max<utf8proc_ssize_t>(made, 0));
    }
    Sort(std::span(parts_).first(count));
    if (Composes(form_)) {
      count = static_cast<size_t>(std::max<utf8proc_ssize_t>(
          utf8proc_normalize_utf32(parts_.data(), static_cast<utf8proc_ssize_t>(count),
                                   static_cast<utf8proc_option_t>(options_)),
          0));
    }
    for (size_t i = 0; i < count; ++i) Utf8Append(out_, static_cast<char32_t>(parts_[i]));
    runes_.clear();
  }

  // Marks in a row by their class, those of one class as they are.
  static void Sort(std::span<utf8proc_int32_t> runes) {
    const auto class_of = [](utf8proc_int32_t rune) {
      return utf8proc_get_property(rune)->combining_class;
    };
    for (size_t at = 0; at < runes.size();) {
      size_t end = at;
      while (end < runes.size() && class_of(runes[end]) != 0) ++end;
      std::ranges::stable_sort(runes.subspan(at, end - at), {}, class_of);
      at = std::max(end, at + 1);
    }
  }

  NormalForm form_;
  std::string& out_;
  int options_ = 0;
  std::vector<utf8proc_int32_t> runes_;
  std::vector<utf8proc_int32_t> parts_;
};

}  // namespace

std::optional<NormalForm> NormalFormByName(std::string_view name) {
  const auto found = std::ranges::find(kNames, name);
  if (found == kNames.end()) return std::nullopt;
  return static_cast<NormalForm>(found - kNames.begin());
}

bool IsSurelyNormal(NormalForm form, std::string_view text) {
  if (form == NormalForm::kNone) return true;
  const uint8_t most = form == NormalForm::kNfc ? 0xCB : 0x7F;  // U+0300 begins with 0xCC
  return std::ranges::all_of(text, [most](char c) { return static_cast<uint8_t>(c) <= most; });
}

std::string_view NormalFormName(NormalForm form) { return kNames[static_cast<size_t>(form)]; }

void AppendNormalized(NormalForm form, std::string_view text, std::string& out) {
  if (form == NormalForm::kNone) {
    out += text;
  } else {
    Normalizer(form, out).Add(text);
  }
}

}  // namespace ledge
