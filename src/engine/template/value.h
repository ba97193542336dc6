// The values of a template: Python's, as far as chat templates use them. Lists and dicts never
// change once made (Jinja's immutable sandbox refuses the methods that would), so they are shared
// and have no cycles.
#pragma once

#include <map>
#include <memory>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "engine/template/text.h"

namespace ledge::jinja {

class Value;
struct Namespace;  // of the interpreter, like the next three
struct Macro;
struct LoopState;
struct Function;

struct Undefined {
  const std::string* name = nullptr;  // for the message; belongs to the parsed template
};
struct None {};

struct List {
  enum class Flavor : uint8_t { kList, kTuple, kGenerator };
  std::vector<Value> items;
  Flavor flavor = Flavor::kList;
  int depth = 1;
  Heap* heap = nullptr;
  uint64_t charged = 0;
  List();
  List(const List&) = delete;
  List& operator=(const List&) = delete;
  ~List();
};

// Keys are scalars, in the order of insertion.
struct Dict {
  std::vector<std::pair<Value, Value>> entries;
  std::map<std::string_view, size_t> by_text;  // filled when there are many; no hash to flood
  int depth = 1;
  Heap* heap = nullptr;
  uint64_t charged = 0;
  Dict();
  Dict(const Dict&) = delete;
  Dict& operator=(const Dict&) = delete;
  ~Dict();

  const Value* Find(std::string_view key) const;
};

// A method taken from a value but not yet called: `x.items` without parentheses.
struct BoundMethod;

class Value {
 public:
  using Variant =
      std::variant<Undefined, None, bool, int64_t, double, Text, std::shared_ptr<const List>,
                   std::shared_ptr<const Dict>, Namespace*, const Macro*, const LoopState*,
                   const Function*, std::shared_ptr<const BoundMethod>>;

  Value() = default;
  template <typename T>
    requires(!std::is_same_v<std::remove_cvref_t<T>, Value> &&
             !std::is_pointer_v<std::remove_cvref_t<T>>)
  Value(T&& value) : variant_(std::forward<T>(value)) {}  // NOLINT: implicit by design
  Value(Namespace* value) : variant_(value) {}            // NOLINT
  Value(const Macro* value) : variant_(value) {}          // NOLINT
  Value(const LoopState* value) : variant_(value) {}      // NOLINT
  Value(const Function* value) : variant_(value) {}       // NOLINT

  template <typename T>
  bool Is() const {
    return std::holds_alternative<T>(variant_);
  }
  template <typename T>
  const T* As() const {
    return std::get_if<T>(&variant_);
  }

  bool undefined() const { return Is<Undefined>(); }
  bool none() const { return Is<None>(); }
  const Text* text() const { return As<Text>(); }
  const List* list() const { return Pointee<List>(); }
  const Dict* dict() const { return Pointee<Dict>(); }
  const BoundMethod* method() const { return Pointee<BoundMethod>(); }
  // int or bool, as Python counts a bool among the integers.
  bool integral() const { return Is<bool>() || Is<int64_t>(); }
  bool number() const { return integral() || Is<double>(); }
  bool callable() const { return Is<const Macro*>() || Is<const Function*>() || method(); }
  int64_t AsInteger() const {
    return Is<bool>() ? int64_t{std::get<bool>(variant_)} : std::get<int64_t>(variant_);
  }
  double AsDouble() const {
    return Is<double>() ? std::get<double>(variant_) : static_cast<double>(AsInteger());
  }

 private:
  template <typename T>
  const T* Pointee() const {
    const auto* pointer = std::get_if<std::shared_ptr<const T>>(&variant_);
    return pointer ? pointer->get() : nullptr;
  }

  Variant variant_;
};

struct BoundMethod {
  Value self;             // a text, list, dict or loop
  std::string_view name;  // of the table of methods
  Heap* heap = nullptr;
  BoundMethod(Value object, std::string_view method, Heap& owner);
  BoundMethod(const BoundMethod&) = delete;
  BoundMethod& operator=(const BoundMethod&) = delete;
  ~BoundMethod();
};
Result<Value> MakeMethod(Heap& heap, Value self, std::string_view name);

// bool(value) of Python.
bool Truthy(const Value& value);
// What Python calls the type: "str", "dict", ... for messages.
std::string_view TypeName(const Value& value);

// Depth of nesting: 0 for a scalar.
int DepthOf(const Value& value);

// Both fail on the heap's limits and beyond kMaxValueDepth.
Result<Value> MakeList(Heap& heap, std::vector<Value> items,
                       List::Flavor flavor = List::Flavor::kList);

class DictBuilder {
 public:
  explicit DictBuilder(Heap& heap);
  // Replaces the value of an equal key. kMalformed for a key that is no scalar.
  Result<void> Set(Value key, Value value);
  Result<Value> Finish();

 private:
  Heap& heap_;
  std::shared_ptr<Dict> dict_;
};

// The entry of a key of any type, or null.
Result<const Value*> Lookup(Heap& heap, const Dict& dict, const Value& key);

// a == b, and whether a < b; the latter is kMalformed for types that Python would not order.
Result<bool> Equal(Heap& heap, const Value& a, const Value& b);
Result<bool> Less(Heap& heap, const Value& a, const Value& b);

}  // namespace ledge::jinja
