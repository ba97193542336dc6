#include "engine/template/value.h"

#include <algorithm>

namespace ledge::jinja {
namespace {

constexpr uint64_t kContainerOverhead = 128;
constexpr uint64_t kMethodBytes = 96;
// An entry's place in the index beside the entry itself.
constexpr uint64_t kIndexEntryBytes = 48;
constexpr size_t kIndexFrom = 9;

Error TooDeep() {
  return MakeError(Code::kUnsupported, "lists and dicts more than {} deep inside each other",
                   kMaxValueDepth);
}

bool IsScalar(const Value& value) {
  return value.none() || value.undefined() || value.number() || value.text();
}

Result<bool> EqualLists(Heap& heap, const List& a, const List& b) {
  const bool tuple_a = a.flavor == List::Flavor::kTuple;
  const bool tuple_b = b.flavor == List::Flavor::kTuple;
  if (tuple_a != tuple_b || a.items.size() != b.items.size()) return false;
  for (size_t i = 0; i < a.items.size(); ++i) {
    LEDGE_TRY(const bool same, Equal(heap, a.items[i], b.items[i]));
    if (!same) return false;
  }
  return true;
}

Result<bool> EqualDicts(Heap& heap, const Dict& a, const Dict& b) {
  if (a.entries.size() != b.entries.size()) return false;
  for (const auto& [key, value] : a.entries) {
    LEDGE_TRY(const Value* other, Lookup(heap, b, key));
    if (!other) return false;
    LEDGE_TRY(const bool same, Equal(heap, value, *other));
    if (!same) return false;
  }
  return true;
}

Result<bool> LessLists(Heap& heap, const List& a, const List& b) {
  const size_t common = std::min(a.items.size(), b.items.size());
  for (size_t i = 0; i < common; ++i) {
    LEDGE_TRY(const bool same, Equal(heap, a.items[i], b.items[i]));
    if (!same) return Less(heap, a.items[i], b.items[i]);
  }
  return a.items.size() < b.items.size();
}

}  // namespace

List::List() = default;
List::~List() {
  if (heap) heap->Release(charged);
}

Dict::Dict() = default;
Dict::~Dict() {
  if (heap) heap->Release(charged);
}

BoundMethod::BoundMethod(Value object, std::string_view method, Heap& owner)
    : self(std::move(object)), name(method), heap(&owner) {}
BoundMethod::~BoundMethod() { heap->Release(kMethodBytes); }

Result<Value> MakeMethod(Heap& heap, Value self, std::string_view name) {
  LEDGE_CHECK_OK(heap.Charge(kMethodBytes));
  return Value(std::shared_ptr<const BoundMethod>(
      std::make_shared<BoundMethod>(std::move(self), name, heap)));
}

const Value* Dict::Find(std::string_view key) const {
  if (!by_text.empty()) {
    const auto found = by_text.find(key);
    return found == by_text.end() ? nullptr : &entries[found->second].second;
  }
  for (const auto& [name, value] : entries) {
    if (name.text() && name.text()->bytes() == key) return &value;
  }
  return nullptr;
}

bool Truthy(const Value& value) {
  if (const bool* b = value.As<bool>()) return *b;
  if (const int64_t* i = value.As<int64_t>()) return *i != 0;
  if (const double* d = value.As<double>()) return *d != 0;
  if (const Text* text = value.text()) return !text->empty();
  if (const List* list = value.list())
    return list->flavor == List::Flavor::kGenerator || !list->items.empty();
  if (const Dict* dict = value.dict()) return !dict->entries.empty();
  return !value.undefined() && !value.none();
}

std::string_view TypeName(const Value& value) {
  if (value.undefined()) return "undefined";
  if (value.none()) return "none";
  if (value.Is<bool>()) return "bool";
  if (value.Is<int64_t>()) return "int";
  if (value.Is<double>()) return "float";
  if (value.text()) return "str";
  if (const List* list = value.list())
    return list->flavor == List::Flavor::kTuple ? "tuple" : "list";
  if (value.dict()) return "dict";
  if (value.Is<Namespace*>()) return "namespace";
  if (value.Is<const LoopState*>()) return "loop";
  return "function";
}

int DepthOf(const Value& value) {
  if (const List* list = value.list()) return list->depth;
  if (const Dict* dict = value.dict()) return dict->depth;
  if (const BoundMethod* method = value.method()) return DepthOf(method->self);
  return 0;
}

Result<Value> MakeList(Heap& heap, std::vector<Value> items, List::Flavor flavor) {
  const uint64_t bytes = kContainerOverhead + items.capacity() * sizeof(Value);
  LEDGE_CHECK_OK(heap.Charge(bytes));
  auto list = std::make_shared<List>();
  list->heap = &heap;
  list->charged = bytes;
  list->flavor = flavor;
  for (const Value& item : items) list->depth = std::max(list->depth, DepthOf(item) + 1);
  list->items = std::move(items);
  if (list->depth > kMaxValueDepth) return TooDeep();
  return Value(std::shared_ptr<const List>(std::move(list)));
}

DictBuilder::DictBuilder(Heap& heap) : heap_(heap), dict_(std::make_shared<Dict>()) {
  dict_->heap = &heap;
}

Result<void> DictBuilder::Set(Value key, Value value) {
  if (!IsScalar(key)) {
    return MakeError(Code::kMalformed, "a {} as the key of a dict; keys are strings or numbers",
                     TypeName(key));
  }
  LEDGE_CHECK_OK(heap_.Step());
  dict_->depth = std::max(dict_->depth, DepthOf(value) + 1);
  if (dict_->depth > kMaxValueDepth) return TooDeep();
  LEDGE_TRY(const Value* present, Lookup(heap_, *dict_, key));
  if (present) {
    *const_cast<Value*>(present) = std::move(value);  // ours until Finish
    return {};
  }
  auto& entries = dict_->entries;
  // Twice: a vector that grows holds up to double of what is in it.
  const uint64_t bytes = 2 * sizeof(entries[0]) + kIndexEntryBytes;
  LEDGE_CHECK_OK(heap_.Charge(bytes));
  dict_->charged += bytes;
  entries.emplace_back(std::move(key), std::move(value));
  const auto index = [&](size_t i) {
    // The bytes belong to a shared, immutable text, so the view survives a move of the entry.
    if (const Text* text = entries[i].first.text()) dict_->by_text.emplace(text->bytes(), i);
  };
  if (entries.size() == kIndexFrom) {
    for (size_t i = 0; i < entries.size(); ++i) index(i);
  } else if (entries.size() > kIndexFrom) {
    index(entries.size() - 1);
  }
  return {};
}

Result<Value> DictBuilder::Finish() {
  LEDGE_CHECK_OK(heap_.Charge(kContainerOverhead));
  dict_->charged += kContainerOverhead;
  return Value(std::shared_ptr<const Dict>(std::move(dict_)));
}

Result<const Value*> Lookup(Heap& heap, const Dict& dict, const Value& key) {
  if (const Text* text = key.text()) return dict.Find(text->bytes());
  if (!IsScalar(key)) return nullptr;
  LEDGE_CHECK_OK(heap.Step(1 + dict.entries.size() / 16));
  for (const auto& [name, value] : dict.entries) {
    if (name.text()) continue;
    LEDGE_TRY(const bool same, Equal(heap, name, key));
    if (same) return &value;
  }
  return nullptr;
}

Result<bool> Equal(Heap& heap, const Value& a, const Value& b) {
  LEDGE_CHECK_OK(heap.Step());
  if (a.number() && b.number()) {
    if (a.integral() && b.integral()) return a.AsInteger() == b.AsInteger();
    return a.AsDouble() == b.AsDouble();
  }
  if (a.text() && b.text()) {
    if (a.text()->SharesStorage(*b.text())) return true;
    if (a.text()->size() != b.text()->size()) return false;
    LEDGE_CHECK_OK(heap.StepBytes(a.text()->size()));
    return a.text()->bytes() == b.text()->bytes();
  }
  if (a.list() && b.list())
    return a.list() == b.list() ? Result<bool>(true) : EqualLists(heap, *a.list(), *b.list());
  if (a.dict() && b.dict())
    return a.dict() == b.dict() ? Result<bool>(true) : EqualDicts(heap, *a.dict(), *b.dict());
  if ((a.none() && b.none()) || (a.undefined() && b.undefined())) return true;
  if (a.Is<Namespace*>() && b.Is<Namespace*>()) return *a.As<Namespace*>() == *b.As<Namespace*>();
  return false;
}

Result<bool> Less(Heap& heap, const Value& a, const Value& b) {
  LEDGE_CHECK_OK(heap.Step());
  if (a.number() && b.number()) {
    if (a.integral() && b.integral()) return a.AsInteger() < b.AsInteger();
    return a.AsDouble() < b.AsDouble();
  }
  if (a.text() && b.text()) {
    LEDGE_CHECK_OK(heap.StepBytes(std::min(a.text()->size(), b.text()->size())));
    return a.text()->bytes() < b.text()->bytes();  // the order of UTF-8 is that of code points
  }
  if (a.list() && b.list()) return LessLists(heap, *a.list(), *b.list());
  return MakeError(Code::kMalformed, "{} and {} have no order", TypeName(a), TypeName(b));
}

}  // namespace ledge::jinja
