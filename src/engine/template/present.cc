#include "engine/template/present.h"

#include <utf8proc.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/utf8.h"
#include "engine/template/interpreter.h"

namespace ledge::jinja {
namespace {

// Whether Python's repr() shows the code point itself.
bool Printable(char32_t rune) {
  if (rune < 0x7F) return rune >= 0x20;
  switch (utf8proc_category(static_cast<utf8proc_int32_t>(rune))) {
    case UTF8PROC_CATEGORY_CC:
    case UTF8PROC_CATEGORY_CF:
    case UTF8PROC_CATEGORY_CS:
    case UTF8PROC_CATEGORY_CO:
    case UTF8PROC_CATEGORY_CN:
    case UTF8PROC_CATEGORY_ZL:
    case UTF8PROC_CATEGORY_ZP:
    case UTF8PROC_CATEGORY_ZS:
      return false;
    default:
      return true;
  }
}

std::string ReprEscape(char32_t rune, char quote) {
  if (rune == '\n') return "\\n";
  if (rune == '\r') return "\\r";
  if (rune == '\t') return "\\t";
  if (rune == '\\') return "\\\\";
  if (rune == static_cast<char32_t>(quote)) return fmt::format("\\{}", quote);
  const auto code = static_cast<uint32_t>(rune);
  if (Printable(rune)) return {};
  if (code < 0x100) return fmt::format("\\x{:02x}", code);
  return code < 0x10000 ? fmt::format("\\u{:04x}", code) : fmt::format("\\U{:08x}", code);
}

std::string JsonEscape(char32_t rune, bool ensure_ascii) {
  switch (rune) {
    case '"':
      return "\\\"";
    case '\\':
      return "\\\\";
    case '\n':
      return "\\n";
    case '\r':
      return "\\r";
    case '\t':
      return "\\t";
    case '\b':
      return "\\b";
    case '\f':
      return "\\f";
    default:
      break;
  }
  const auto code = static_cast<uint32_t>(rune);
  if (code >= 0x20 && (code < 0x80 || !ensure_ascii)) return {};
  if (code < 0x10000) return fmt::format("\\u{:04x}", code);
  return fmt::format("\\u{:04x}\\u{:04x}", 0xD800 + ((code - 0x10000) >> 10),
                     0xDC00 + ((code - 0x10000) & 0x3FF));
}

// Appends `text` with `escape(rune)` in place of every code point for which that is not empty. What
// is written for a plain code point is plain.
template <typename Escape>
Result<void> AppendEscaped(TextBuilder& out, const Text& text, Escape escape) {
  const std::string_view bytes = text.bytes();
  size_t copied = 0;
  std::string_view rest = bytes;
  while (!rest.empty()) {
    const size_t at = bytes.size() - rest.size();
    const std::string replacement = escape(Utf8Next(rest));
    if (replacement.empty()) continue;
    LEDGE_CHECK_OK(out.AppendSlice(text, copied, at));
    LEDGE_CHECK_OK(out.Append(replacement, text.PlainAt(at)));
    copied = bytes.size() - rest.size();
  }
  return out.AppendSlice(text, copied, bytes.size());
}

Result<void> AppendReprText(TextBuilder& out, const Text& text) {
  const auto bytes = text.bytes();
  const bool single =
      bytes.find('\'') == std::string_view::npos || bytes.find('"') != std::string_view::npos;
  const char quote = single ? '\'' : '"';
  LEDGE_CHECK_OK(out.Append(std::string_view(&quote, 1)));
  LEDGE_CHECK_OK(
      AppendEscaped(out, text, [quote](char32_t rune) { return ReprEscape(rune, quote); }));
  return out.Append(std::string_view(&quote, 1));
}

Result<void> AppendReprList(TextBuilder& out, const List& list) {
  const bool tuple = list.flavor == List::Flavor::kTuple;
  LEDGE_CHECK_OK(out.Append(tuple ? "(" : "["));
  for (size_t i = 0; i < list.items.size(); ++i) {
    if (i > 0) LEDGE_CHECK_OK(out.Append(", "));
    LEDGE_CHECK_OK(AppendRepr(out, list.items[i]));
  }
  if (tuple && list.items.size() == 1) LEDGE_CHECK_OK(out.Append(","));
  return out.Append(tuple ? ")" : "]");
}

Result<void> AppendReprDict(TextBuilder& out, const Dict& dict) {
  LEDGE_CHECK_OK(out.Append("{"));
  bool first = true;
  for (const auto& [key, value] : dict.entries) {
    if (!std::exchange(first, false)) LEDGE_CHECK_OK(out.Append(", "));
    LEDGE_CHECK_OK(AppendRepr(out, key));
    LEDGE_CHECK_OK(out.Append(": "));
    LEDGE_CHECK_OK(AppendRepr(out, value));
  }
  return out.Append("}");
}

class JsonWriter {
 public:
  JsonWriter(TextBuilder& out, const JsonOptions& options) : out_(out), options_(options) {}

  Result<void> Write(const Value& value, int level) {
    if (value.none()) return out_.Append("null");
    if (const bool* flag = value.As<bool>()) return out_.Append(*flag ? "true" : "false");
    if (const double* number = value.As<double>(); number && !std::isfinite(*number)) {
      return out_.Append(std::isnan(*number) ? "NaN" : *number > 0 ? "Infinity" : "-Infinity");
    }
    if (value.number()) return AppendStr(out_, value);
    if (const Text* text = value.text()) return String(*text);
    if (const List* list = value.list()) return Array(*list, level);
    if (const Dict* dict = value.dict()) return Object(*dict, level);
    return MakeError(Code::kMalformed, "tojson of {} value; JSON can't hold it", TypeName(value));
  }

 private:
  Result<void> String(const Text& text) {
    LEDGE_CHECK_OK(out_.Append("\""));
    LEDGE_CHECK_OK(AppendEscaped(
        out_, text, [this](char32_t rune) { return JsonEscape(rune, options_.ensure_ascii); }));
    return out_.Append("\"");
  }

  // Before an item (level of the items) and before the closing bracket.
  Result<void> NewLine(int level) {
    if (!options_.indent) return {};
    LEDGE_CHECK_OK(out_.Append("\n"));
    for (int i = 0; i < level; ++i) LEDGE_CHECK_OK(out_.Append(*options_.indent));
    return {};
  }

  Result<void> Array(const List& list, int level) {
    if (list.items.empty()) return out_.Append("[]");
    LEDGE_CHECK_OK(out_.Append("["));
    for (size_t i = 0; i < list.items.size(); ++i) {
      if (i > 0) LEDGE_CHECK_OK(out_.Append(options_.item_separator));
      LEDGE_CHECK_OK(NewLine(level + 1));
      LEDGE_CHECK_OK(Write(list.items[i], level + 1));
    }
    LEDGE_CHECK_OK(NewLine(level));
    return out_.Append("]");
  }

  Result<void> Key(const Value& key) {
    if (const Text* text = key.text()) return String(*text);
    LEDGE_CHECK_OK(out_.Append("\""));
    LEDGE_CHECK_OK(Write(key, 0));
    return out_.Append("\"");
  }

  Result<void> Object(const Dict& dict, int level) {
    if (dict.entries.empty()) return out_.Append("{}");
    std::vector<const std::pair<Value, Value>*> entries;
    entries.reserve(dict.entries.size());
    for (const auto& entry : dict.entries) entries.push_back(&entry);
    if (options_.sort_keys) {
      std::stable_sort(entries.begin(), entries.end(), [](const auto* a, const auto* b) {
        const Text* left = a->first.text();
        const Text* right = b->first.text();
        return left && right ? left->bytes() < right->bytes() : right && !left;
      });
    }
    LEDGE_CHECK_OK(out_.Append("{"));
    bool first = true;
    for (const auto* entry : entries) {
      if (!std::exchange(first, false)) LEDGE_CHECK_OK(out_.Append(options_.item_separator));
      LEDGE_CHECK_OK(NewLine(level + 1));
      LEDGE_CHECK_OK(Key(entry->first));
      LEDGE_CHECK_OK(out_.Append(options_.key_separator));
      LEDGE_CHECK_OK(Write(entry->second, level + 1));
    }
    LEDGE_CHECK_OK(NewLine(level));
    return out_.Append("}");
  }

  TextBuilder& out_;
  const JsonOptions& options_;
};

}  // namespace

std::string FloatText(double value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
  char buffer[64];
  const auto scientific =
      std::to_chars(buffer, buffer + sizeof buffer, value, std::chars_format::scientific);
  const std::string text(buffer, scientific.ptr);
  const size_t mark = text.find('e');
  int exponent = 0;
  const char* digits = text.data() + mark + (text[mark + 1] == '+' ? 2 : 1);
  std::from_chars(digits, text.data() + text.size(), exponent);
  if (exponent < -4 || exponent >= 16) return text;
  const auto fixed = std::to_chars(buffer, buffer + sizeof buffer, value, std::chars_format::fixed);
  std::string plain(buffer, fixed.ptr);
  if (plain.find('.') == std::string::npos) plain += ".0";
  return plain;
}

Result<void> AppendRepr(TextBuilder& out, const Value& value) {
  if (const Text* text = value.text()) return AppendReprText(out, *text);
  if (value.undefined()) return out.Append("Undefined");
  return AppendStr(out, value);
}

Result<void> AppendStr(TextBuilder& out, const Value& value) {
  if (const Text* text = value.text()) return out.Append(*text);
  if (value.undefined()) return {};
  if (value.none()) return out.Append("None");
  if (const bool* flag = value.As<bool>()) return out.Append(*flag ? "True" : "False");
  if (const int64_t* number = value.As<int64_t>()) return out.Append(fmt::format("{}", *number));
  if (const double* number = value.As<double>()) return out.Append(FloatText(*number));
  if (const List* list = value.list()) return AppendReprList(out, *list);
  if (const Dict* dict = value.dict()) return AppendReprDict(out, *dict);
  return out.Append(fmt::format("<{}>", TypeName(value)));
}

Result<void> AppendJson(TextBuilder& out, const Value& value, const JsonOptions& options) {
  return JsonWriter(out, options).Write(value, 0);
}

}  // namespace ledge::jinja
