#include "tokenizer/rune_class.h"

#include <utf8proc.h>

#include <array>

#include "base/utf8.h"

namespace ledge {
namespace {

bool IsSpace(char32_t rune) {
  return (rune >= 0x09 && rune <= 0x0D) || rune == 0x20 || rune == 0x85 || rune == 0xA0 ||
         rune == 0x1680 || (rune >= 0x2000 && rune <= 0x200A) || rune == 0x2028 || rune == 0x2029 ||
         rune == 0x202F || rune == 0x205F || rune == 0x3000;
}

RuneClass Classify(char32_t rune) {
  if (IsSpace(rune)) return RuneClass::kSpace;
  if (rune > 0x10FFFF) return RuneClass::kSymbol;
  switch (utf8proc_category(static_cast<utf8proc_int32_t>(rune))) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO:
      return RuneClass::kLetter;
    case UTF8PROC_CATEGORY_ND:
    case UTF8PROC_CATEGORY_NL:
    case UTF8PROC_CATEGORY_NO:
      return RuneClass::kNumber;
    case UTF8PROC_CATEGORY_PC:
    case UTF8PROC_CATEGORY_PD:
    case UTF8PROC_CATEGORY_PS:
    case UTF8PROC_CATEGORY_PE:
    case UTF8PROC_CATEGORY_PI:
    case UTF8PROC_CATEGORY_PF:
    case UTF8PROC_CATEGORY_PO:
      return RuneClass::kPunctuation;
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_MC:
    case UTF8PROC_CATEGORY_ME:
      return RuneClass::kMark;
    case UTF8PROC_CATEGORY_SM:
    case UTF8PROC_CATEGORY_SC:
    case UTF8PROC_CATEGORY_SK:
    case UTF8PROC_CATEGORY_SO:
      return RuneClass::kSymbol;
    default:
      return RuneClass::kOther;
  }
}

using AsciiClasses = std::array<RuneClass, 128>;
AsciiClasses MakeAsciiClasses() {
  AsciiClasses classes{};
  for (char32_t rune = 0; rune < classes.size(); ++rune) classes[rune] = Classify(rune);
  return classes;
}

const AsciiClasses& Ascii() {
  static const AsciiClasses classes = MakeAsciiClasses();
  return classes;
}

}  // namespace

RuneClass ClassOf(char32_t rune) { return rune < 128 ? Ascii()[rune] : Classify(rune); }

bool IsCapitalLike(char32_t rune) {
  if (rune < 128) return rune >= 'A' && rune <= 'Z';
  const RuneClass klass = ClassOf(rune);
  if (klass == RuneClass::kMark) return true;
  return klass == RuneClass::kLetter &&
         utf8proc_category(static_cast<utf8proc_int32_t>(rune)) != UTF8PROC_CATEGORY_LL;
}

bool IsSmallLike(char32_t rune) {
  if (rune < 128) return rune >= 'a' && rune <= 'z';
  const RuneClass klass = ClassOf(rune);
  if (klass == RuneClass::kMark) return true;
  if (klass != RuneClass::kLetter) return false;
  const auto category = utf8proc_category(static_cast<utf8proc_int32_t>(rune));
  return category != UTF8PROC_CATEGORY_LU && category != UTF8PROC_CATEGORY_LT;
}

RuneAt PeekRune(std::string_view text, size_t at) {
  if (at >= text.size()) return {};
  const auto first = static_cast<unsigned char>(text[at]);
  if (first < 128) return {first, Ascii()[first], 1};
  std::string_view rest = text.substr(at);
  const char32_t rune = Utf8Next(rest);
  return {rune, ClassOf(rune), static_cast<uint32_t>(text.size() - at - rest.size())};
}

}  // namespace ledge
