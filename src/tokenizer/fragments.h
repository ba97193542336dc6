// A text cut at its special tokens, stripped beside those that ask for it, and normalised: what an
// encoder works on.
//
// Source: `tokenizers`' added vocabulary. Tokens are found in the text as it is written, before it
// is normalised, those that it would look for behind the normaliser included.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "tokenizer/table_view.h"
#include "tokenizer/tokenizer.h"

namespace ledge {

class Fragments {
 public:
  struct Fragment {
    Token token = kNoToken;  // or text:
    uint64_t begin = 0;
    uint64_t bytes = 0;
    bool first = false;  // the original text begins with it
  };

  // `text` must outlive it and be at most kMaxTextBytes. kUsage if it is longer than that when it
  // is normalised.
  static Result<Fragments> Cut(const TableView& tables, std::string_view text,
                               const EncodeOptions& options);

  // Everything that the fragments are parts of.
  std::string_view text() const { return copied_ ? std::string_view(normal_) : original_; }
  const std::vector<Fragment>& list() const { return list_; }
  std::string_view Text(const Fragment& fragment) const {
    return text().substr(fragment.begin, fragment.bytes);
  }

 private:
  explicit Fragments(std::string_view text) : original_(text) {}
  Result<void> Normalize(NormalForm form);

  std::string_view original_;
  std::string normal_;
  bool copied_ = false;
  std::vector<Fragment> list_;
};

}  // namespace ledge
