// Where the tensors and keys of a GGUF file come from that was made of other files: what messages
// call them, since nobody has seen the made one.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace ledge {

// {values of a row, rows, matrices}, 1 where there is no such dimension.
using TensorShape = std::array<uint64_t, 3>;

struct TensorOrigin {
  std::string file;    // as messages name it
  std::string tensor;  // of that file
  std::string shape;   // empty: it is missing
  std::string wanted;  // the shape it should have
};

// A key of the made file -> the place of its value: "FOLDER/config.json: rms_norm_eps".
using KeyOrigins = std::map<std::string, std::string, std::less<>>;

class TensorOrigins {
 public:
  virtual ~TensorOrigins() = default;
  // Of the made file's tensor `name`, also where it could not be made; nothing where it has no
  // other name. `shape`: which it should have.
  virtual std::optional<TensorOrigin> OriginOf(std::string_view name,
                                               const TensorShape& shape) const = 0;
  // Whether it should be there, but what it is made of is missing.
  virtual bool Lacks(std::string_view name) const = 0;
};

}  // namespace ledge
