// Filters over lists, dicts and other things with items.
#include <algorithm>
#include <iterator>

#include "engine/template/builtins.h"
#include "engine/template/operators.h"
#include "engine/template/text_ops.h"

namespace ledge::jinja {
namespace {

Result<Value> Generated(Interpreter& in, std::vector<Value> items) {
  return MakeList(in.heap(), std::move(items), List::Flavor::kGenerator);
}

Result<Value> Length(Interpreter& in, const Value& value, const Arguments&) {
  if (const Text* text = value.text()) {
    LEDGE_CHECK_OK(in.heap().StepBytes(text->size()));
    return Value(static_cast<int64_t>(RuneCount(*text)));
  }
  if (const List* list = value.list()) return Value(static_cast<int64_t>(list->items.size()));
  if (const Dict* dict = value.dict()) return Value(static_cast<int64_t>(dict->entries.size()));
  if (value.undefined()) return Value(int64_t{0});
  return WrongType("the length", value, "a text, list or dict");
}

Result<Value> First(Interpreter& in, const Value& value, const Arguments&) {
  LEDGE_TRY(const auto sequence, in.Sequence(value));
  return sequence->items.empty() ? Value(Undefined{}) : sequence->items.front();
}

Result<Value> Last(Interpreter& in, const Value& value, const Arguments&) {
  LEDGE_TRY(const auto sequence, in.Sequence(value));
  return sequence->items.empty() ? Value(Undefined{}) : sequence->items.back();
}

Result<Value> ToList(Interpreter& in, const Value& value, const Arguments&) {
  LEDGE_TRY(const auto sequence, in.Sequence(value));
  LEDGE_CHECK_OK(in.heap().Step(sequence->items.size() / 16));
  return MakeList(in.heap(), sequence->items);
}

Result<Value> Pair(Interpreter& in, const Value& key, const Value& value) {
  return MakeList(in.heap(), {key, value}, List::Flavor::kTuple);
}

Result<Value> Items(Interpreter& in, const Value& value, const Arguments&) {
  std::vector<Value> pairs;
  if (!value.undefined()) {
    const Dict* dict = value.dict();
    if (!dict) return WrongType("'items'", value, "a dict");
    for (const auto& [key, item] : dict->entries) {
      LEDGE_CHECK_OK(in.heap().Step());
      LEDGE_TRY(auto pair, Pair(in, key, item));
      pairs.push_back(std::move(pair));
    }
  }
  return Generated(in, std::move(pairs));
}

// What items are ordered by: themselves, or an attribute; texts without regard to case unless
// asked.
class Keys {
 public:
  Keys(Interpreter& in, const std::optional<Value>& attribute, bool case_sensitive)
      : in_(in), attribute_(attribute), case_sensitive_(case_sensitive) {}

  Result<Value> Of(const Value& item) const {
    Value key = item;
    if (attribute_ && !attribute_->none()) {
      LEDGE_TRY(key, in_.GetPath(item, *attribute_));
    }
    if (case_sensitive_ || !key.text()) return key;
    LEDGE_TRY(auto lower, ChangeCase(in_.heap(), *key.text(), Case::kLower));
    return Value(std::move(lower));
  }

 private:
  Interpreter& in_;
  const std::optional<Value>& attribute_;
  bool case_sensitive_;
};

using Keyed = std::pair<Value, Value>;  // key, item

Result<std::vector<Keyed>> WithKeys(Interpreter& in, const std::vector<Value>& items,
                                    const Keys& keys) {
  // There must be room for these and for the second half of the merge.
  const uint64_t bytes = 2 * sizeof(Keyed) * items.size();
  LEDGE_CHECK_OK(in.heap().Charge(bytes));
  in.heap().Release(bytes);
  std::vector<Keyed> keyed;
  keyed.reserve(items.size());
  for (const Value& item : items) {
    LEDGE_TRY(auto key, keys.Of(item));
    keyed.emplace_back(std::move(key), item);
  }
  return keyed;
}

// Merge sort: stable, and a comparison may fail, which std::sort has no way to hear.
Result<void> Sort(Interpreter& in, std::vector<Keyed>& items, bool reverse) {
  std::vector<Keyed> merged(items.size());
  for (size_t width = 1; width < items.size(); width *= 2) {
    for (size_t begin = 0; begin < items.size(); begin += 2 * width) {
      const size_t middle = std::min(begin + width, items.size());
      const size_t end = std::min(begin + 2 * width, items.size());
      size_t left = begin;
      size_t right = middle;
      for (size_t out = begin; out < end; ++out) {
        bool take_right = left == middle;
        if (left < middle && right < end) {
          LEDGE_CHECK_OK(in.heap().Step());
          const Value& a = reverse ? items[left].first : items[right].first;
          const Value& b = reverse ? items[right].first : items[left].first;
          LEDGE_TRY(take_right, Less(in.heap(), a, b));
        }
        merged[out] = items[take_right ? right++ : left++];
      }
    }
    items.swap(merged);
  }
  return {};
}

Result<Value> SortFilter(Interpreter& in, const Value& value, const Arguments& arguments) {
  LEDGE_TRY(const auto bound, Bind("sort", arguments, {"reverse", "case_sensitive", "attribute"}));
  LEDGE_TRY(const auto sequence, in.Sequence(value));
  LEDGE_TRY(auto keyed, WithKeys(in, sequence->items, Keys(in, bound[2], FlagOr(bound[1], false))));
  LEDGE_CHECK_OK(Sort(in, keyed, FlagOr(bound[0], false)));
  std::vector<Value> items;
  for (auto& [key, item] : keyed) items.push_back(std::move(item));
  return MakeList(in.heap(), std::move(items));
}

Result<Value> DictSort(Interpreter& in, const Value& value, const Arguments& arguments) {
  LEDGE_TRY(const auto bound, Bind("dictsort", arguments, {"case_sensitive", "by", "reverse"}));
  LEDGE_TRY(const auto by, TextOr("dictsort", bound[1], Text::Literal("key")));
  LEDGE_TRY(const auto pairs, Items(in, value, {}));
  const std::optional<Value> position = Value(int64_t{by.bytes() == "value" ? 1 : 0});
  LEDGE_TRY(auto keyed,
            WithKeys(in, pairs.list()->items, Keys(in, position, FlagOr(bound[0], false))));
  LEDGE_CHECK_OK(Sort(in, keyed, FlagOr(bound[2], false)));
  std::vector<Value> items;
  for (auto& [key, item] : keyed) items.push_back(std::move(item));
  return MakeList(in.heap(), std::move(items));
}

template <bool greatest>
Result<Value> Extreme(Interpreter& in, const Value& value, const Arguments& arguments) {
  LEDGE_TRY(const auto bound,
            Bind(greatest ? "max" : "min", arguments, {"case_sensitive", "attribute"}));
  LEDGE_TRY(const auto sequence, in.Sequence(value));
  LEDGE_TRY(const auto keyed,
            WithKeys(in, sequence->items, Keys(in, bound[1], FlagOr(bound[0], false))));
  if (keyed.empty()) return Value(Undefined{});
  size_t best = 0;
  for (size_t i = 1; i < keyed.size(); ++i) {
    const Value& a = greatest ? keyed[best].first : keyed[i].first;
    const Value& b = greatest ? keyed[i].first : keyed[best].first;
    LEDGE_TRY(const bool better, Less(in.heap(), a, b));
    if (better) best = i;
  }
  return keyed[best].second;
}

Result<Value> Unique(Interpreter& in, const Value& value, const Arguments& arguments) {
  LEDGE_TRY(const auto bound, Bind("unique", arguments, {"case_sensitive", "attribute"}));
  LEDGE_TRY(const auto sequence, in.Sequence(value));
  const Keys keys(in, bound[1], FlagOr(bound[0], false));
  std::vector<Value> found;
  std::vector<Value> items;
  for (const Value& item : sequence->items) {
    LEDGE_TRY(const auto key, keys.Of(item));
    bool known = false;
    for (const Value& other : found) {
      LEDGE_TRY(known, Equal(in.heap(), other, key));
      if (known) break;
    }
    if (known) continue;
    found.push_back(key);
    items.push_back(item);
  }
  return Generated(in, std::move(items));
}

Result<Value> Reverse(Interpreter& in, const Value& value, const Arguments&) {
  LEDGE_TRY(const auto sequence, in.Sequence(value));
  LEDGE_CHECK_OK(in.heap().Step(sequence->items.size() / 16));
  std::vector<Value> items(sequence->items.rbegin(), sequence->items.rend());
  if (!value.text()) return Generated(in, std::move(items));
  LEDGE_TRY(auto text, Join(in.heap(), Text(), items));
  return Value(std::move(text));
}

Result<Value> Sum(Interpreter& in, const Value& value, const Arguments& arguments) {
  LEDGE_TRY(const auto bound, Bind("sum", arguments, {"attribute", "start"}));
  LEDGE_TRY(const auto sequence, in.Sequence(value));
  Value sum = bound[1].value_or(Value(int64_t{0}));
  for (const Value& item : sequence->items) {
    Value term = item;
    if (bound[0] && !bound[0]->none()) {
      LEDGE_TRY(term, in.GetPath(item, *bound[0]));
    }
    LEDGE_CHECK_OK(in.heap().Step());
    LEDGE_TRY(sum, Arithmetic(in, Op::kAdd, sum, term));
  }
  return sum;
}

Result<Value> Batch(Interpreter& in, const Value& value, const Arguments& arguments) {
  LEDGE_TRY(const auto bound, Bind("batch", arguments, {"linecount", "fill_with"}, 1));
  LEDGE_TRY(const int64_t size, IntegerOr("batch", bound[0], 0));
  if (size < 1 || size > kMaxRange) {
    return MakeError(Code::kMalformed, "'batch' by {}; it takes 1 to {}", size, kMaxRange);
  }
  LEDGE_TRY(const auto sequence, in.Sequence(value));
  std::vector<Value> batches;
  std::vector<Value> batch;
  for (const Value& item : sequence->items) {
    batch.push_back(item);
    if (static_cast<int64_t>(batch.size()) < size) continue;
    LEDGE_TRY(auto full, MakeList(in.heap(), std::exchange(batch, {})));
    batches.push_back(std::move(full));
  }
  if (!batch.empty()) {
    if (bound[1] && !bound[1]->none()) batch.resize(static_cast<size_t>(size), *bound[1]);
    LEDGE_TRY(auto rest, MakeList(in.heap(), std::move(batch)));
    batches.push_back(std::move(rest));
  }
  return Generated(in, std::move(batches));
}

// The arguments behind the first `count`.
Arguments Tail(const Arguments& arguments, size_t count) {
  Arguments tail;
  if (arguments.positional.size() > count) {
    tail.positional.assign(arguments.positional.begin() + static_cast<std::ptrdiff_t>(count),
                           arguments.positional.end());
  }
  tail.named = arguments.named;
  return tail;
}

Result<Value> MapByAttribute(Interpreter& in, const Value& value, const Arguments& arguments) {
  LEDGE_TRY(const auto bound, Bind("map", arguments, {"attribute", "default"}, 1));
  LEDGE_TRY(const auto sequence, in.Sequence(value));
  std::vector<Value> items;
  for (const Value& item : sequence->items) {
    LEDGE_CHECK_OK(in.heap().Step());
    LEDGE_TRY(auto attribute, in.GetPath(item, *bound[0]));
    if (attribute.undefined() && bound[1]) attribute = *bound[1];
    items.push_back(std::move(attribute));
  }
  return Generated(in, std::move(items));
}

Result<Value> Map(Interpreter& in, const Value& value, const Arguments& arguments) {
  if (arguments.positional.empty()) return MapByAttribute(in, value, arguments);
  LEDGE_TRY(const auto name, TextOr("map", arguments.positional[0], {}));
  const Arguments rest = Tail(arguments, 1);
  LEDGE_TRY(const auto sequence, in.Sequence(value));
  std::vector<Value> items;
  for (const Value& item : sequence->items) {
    LEDGE_CHECK_OK(in.heap().Step());
    LEDGE_TRY(auto mapped, in.ApplyFilter(name.bytes(), item, rest));
    items.push_back(std::move(mapped));
  }
  return Generated(in, std::move(items));
}

// select, reject: the test's name first (none: truth); selectattr, rejectattr: an attribute before
// it.
template <bool keep, bool by_attribute>
Result<Value> Choose(Interpreter& in, const Value& value, const Arguments& arguments) {
  constexpr size_t name_at = by_attribute ? 1 : 0;
  const auto& positional = arguments.positional;
  if (positional.size() < name_at)
    return MakeError(Code::kMalformed, "'selectattr' lacks the attribute's name");
  Text test;
  if (positional.size() > name_at) {
    LEDGE_TRY(test, TextOr("the name of a test", positional[name_at], {}));
  }
  const Arguments rest = Tail(arguments, name_at + 1);
  LEDGE_TRY(const auto sequence, in.Sequence(value));
  std::vector<Value> items;
  for (const Value& item : sequence->items) {
    LEDGE_CHECK_OK(in.heap().Step());
    Value subject = item;
    if constexpr (by_attribute) {
      LEDGE_TRY(subject, in.GetPath(item, positional[0]));
    }
    bool holds = Truthy(subject);
    if (positional.size() > name_at) {
      LEDGE_TRY(holds, in.ApplyTest(test.bytes(), subject, rest));
    }
    if (holds == keep) items.push_back(item);
  }
  return Generated(in, std::move(items));
}

constexpr Filter kSequenceFilters[] = {
    {"batch", Batch},
    {"count", Length},
    {"dictsort", DictSort},
    {"first", First},
    {"items", Items},
    {"last", Last},
    {"length", Length},
    {"list", ToList},
    {"map", Map},
    {"max", Extreme<true>},
    {"min", Extreme<false>},
    {"reject", Choose<false, false>},
    {"rejectattr", Choose<false, true>},
    {"reverse", Reverse},
    {"select", Choose<true, false>},
    {"selectattr", Choose<true, true>},
    {"sort", SortFilter},
    {"sum", Sum},
    {"unique", Unique},
};

}  // namespace

std::span<const Filter> SequenceFilters() { return kSequenceFilters; }

}  // namespace ledge::jinja
