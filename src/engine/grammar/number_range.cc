#include "engine/grammar/number_range.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

namespace ledge::grammar {
namespace {

char32_t DigitOf(char c) { return static_cast<char32_t>(c); }

// Texts of digits between two bounds, while they are equal to a bound so far ("tight").
class Ranges {
 public:
  Ranges(Syntax& syntax, JsonText& json) : syntax_(syntax), json_(json) {}

  NodeId Digit(char first, char last) {
    return syntax_.Set(CodePoints({{DigitOf(first), DigitOf(last)}}));
  }

  // Of equally many digits each.
  NodeId SameLength(const std::string& low, const std::string& high, size_t at, bool tight_low,
                    bool tight_high) {
    const auto rest = static_cast<uint32_t>(low.size() - at);
    if (!tight_low && !tight_high) return json_.Digits(rest, rest);
    if (rest == 0) return syntax_.Empty();
    return Branch(tight_low ? low[at] : '0', tight_high ? high[at] : '9', tight_low, tight_high,
                  [&](bool l, bool h) { return SameLength(low, high, at + 1, l, h); });
  }

  // One digit from `low` to `high`, and what `rest` makes of it being one of them.
  template <typename F>
  NodeId Branch(char low, char high, bool tight_low, bool tight_high, F&& rest) {
    if (low > high) return syntax_.Never();
    std::vector<NodeId> choices;
    if (low == high) {
      return syntax_.Sequence({Digit(low, high), rest(tight_low, tight_high)});
    }
    if (tight_low) choices.push_back(syntax_.Sequence({Digit(low, low), rest(true, false)}));
    if (tight_high) choices.push_back(syntax_.Sequence({Digit(high, high), rest(false, true)}));
    const char first = static_cast<char>(low + (tight_low ? 1 : 0));
    const char last = static_cast<char>(high - (tight_high ? 1 : 0));
    if (first <= last)
      choices.push_back(syntax_.Sequence({Digit(first, last), rest(false, false)}));
    return syntax_.Choice(std::move(choices));
  }

  NodeId Unsigned(uint64_t low, uint64_t high) {
    std::vector<NodeId> choices;
    while (low <= high) {
      const std::string text = fmt::format("{}", low);
      const std::string nines(text.size(), '9');
      const uint64_t last = std::min<uint64_t>(high, std::strtoull(nines.c_str(), nullptr, 10));
      choices.push_back(SameLength(text, fmt::format("{}", last), 0, true, true));
      low = last + 1;
    }
    return syntax_.Choice(std::move(choices));
  }

  // What may stand behind the whole number, where it is equal to a bound's whole number.
  struct Fraction {
    std::string low;
    std::string high;
    bool low_exclusive = false;
    bool high_exclusive = false;
    static char At(const std::string& digits, size_t at) {
      return at < digits.size() ? digits[at] : '0';
    }
    // Whether the text may end before digit `at`.
    bool MayEnd(size_t at, bool tight_low, bool tight_high) const {
      if (tight_low && (at < low.size() || low_exclusive)) return false;
      return !tight_high || at < high.size() || !high_exclusive;
    }
  };
  NodeId Behind(const Fraction& f, bool tight_low, bool tight_high) {
    const NodeId point =
        syntax_.Sequence({syntax_.Bytes("."), FractionFrom(f, 0, tight_low, tight_high)});
    return f.MayEnd(0, tight_low, tight_high) ? syntax_.Optional(point) : point;
  }

  // Numbers from `low` on that are not negative.
  NodeId Positive(const Bound& low, const std::optional<Bound>& high) {
    const uint64_t top = high ? high->value.whole : kMaxWhole;
    if (low.value.whole > top) return syntax_.Never();
    Fraction f{.low = low.value.fraction, .low_exclusive = low.exclusive};
    if (high) {
      f.high = high->value.fraction;
      f.high_exclusive = high->exclusive;
    }
    if (low.value.whole == top && high) {
      if (f.low > f.high) return syntax_.Never();
      return syntax_.Sequence({Unsigned(top, top), Behind(f, true, true)});
    }
    std::vector<NodeId> choices = {
        syntax_.Sequence({Unsigned(low.value.whole, low.value.whole), Behind(f, true, false)})};
    const uint64_t last = high ? top - 1 : top;
    if (low.value.whole < last)
      choices.push_back(
          syntax_.Sequence({Unsigned(low.value.whole + 1, last), Behind(f, false, false)}));
    if (high) choices.push_back(syntax_.Sequence({Unsigned(top, top), Behind(f, false, true)}));
    return syntax_.Choice(std::move(choices));
  }

 private:
  // At least one digit from `at` on.
  NodeId FractionFrom(const Fraction& f, size_t at, bool tight_low, bool tight_high) {
    if (at >= kMaxFractionDigits) return syntax_.Never();
    const auto rest = static_cast<uint32_t>(kMaxFractionDigits - at);
    if (!tight_low && !tight_high) return json_.Digits(1, rest);
    return Branch(tight_low ? Fraction::At(f.low, at) : '0',
                  tight_high ? Fraction::At(f.high, at) : '9', tight_low, tight_high,
                  [&](bool l, bool h) {
                    const NodeId more = FractionFrom(f, at + 1, l, h);
                    return f.MayEnd(at + 1, l, h) ? syntax_.Optional(more) : more;
                  });
  }

  Syntax& syntax_;
  JsonText& json_;
};

// As it is for numbers of the other sign.
std::optional<Bound> Mirrored(const std::optional<Bound>& bound) {
  if (!bound) return std::nullopt;
  Bound other = *bound;
  other.value.negative = !other.value.negative;
  return other;
}

bool IsZero(const Decimal& value) { return value.whole == 0 && value.fraction.empty(); }
bool BelowZero(const Bound& bound) { return bound.value.negative && !IsZero(bound.value); }

// The part of the range that is not negative.
NodeId NotNegative(Syntax& syntax, JsonText& json, const std::optional<Bound>& low,
                   const std::optional<Bound>& high) {
  if (high && BelowZero(*high)) return syntax.Never();
  const bool from_zero = !low || BelowZero(*low);
  return Ranges(syntax, json).Positive(from_zero ? Bound{} : *low, high);
}

}  // namespace

NodeId WholeRange(Syntax& syntax, JsonText& json, int64_t low, int64_t high) {
  Ranges ranges(syntax, json);
  std::vector<NodeId> choices;
  if (high >= 0 && low <= high)
    choices.push_back(ranges.Unsigned(static_cast<uint64_t>(std::max<int64_t>(low, 0)),
                                      static_cast<uint64_t>(high)));
  if (low < 0 && low <= high) {
    const auto least = static_cast<uint64_t>(std::max<int64_t>(1, -high));
    choices.push_back(
        syntax.Sequence({syntax.Bytes("-"), ranges.Unsigned(least, static_cast<uint64_t>(-low))}));
  }
  return syntax.Choice(std::move(choices));
}

std::optional<Decimal> DecimalOf(double value) {
  if (!(std::fabs(value) <= static_cast<double>(kMaxWhole))) return std::nullopt;
  // As many digits as tell it from all others, then as many as that needs without exponent.
  const std::string text = fmt::format("{:.{}f}", std::fabs(value), kMaxFractionDigits);
  double back = 0;
  std::from_chars(text.data(), text.data() + text.size(), back);
  const std::string shortest = fmt::format("{}", std::fabs(value));
  const bool has_exponent = shortest.find('e') != shortest.npos;
  if (has_exponent && back != std::fabs(value)) return std::nullopt;
  const std::string& digits = has_exponent ? text : shortest;
  const size_t point = digits.find('.');
  Decimal decimal{.negative = std::signbit(value)};
  std::from_chars(digits.data(), digits.data() + std::min(point, digits.size()), decimal.whole);
  if (point != digits.npos) decimal.fraction = digits.substr(point + 1);
  while (decimal.fraction.ends_with('0')) decimal.fraction.pop_back();
  if (decimal.fraction.size() > kMaxFractionDigits) return std::nullopt;
  return decimal;
}

NodeId NumberRange(Syntax& syntax, JsonText& json, const std::optional<Bound>& low,
                   const std::optional<Bound>& high) {
  const NodeId positive = NotNegative(syntax, json, low, high);
  const NodeId negative = NotNegative(syntax, json, Mirrored(high), Mirrored(low));
  return syntax.Choice({positive, syntax.Sequence({syntax.Bytes("-"), negative})});
}

}  // namespace ledge::grammar
