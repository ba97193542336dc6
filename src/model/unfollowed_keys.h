// Keys that change what a model computes and that no architecture here follows. A file with one of
// them was made for another computation, however well its tensors fit, and is refused by the key's
// name instead of giving other tokens.
#pragma once

#include "model/hyperparameters.h"
#include "model/model_spec.h"

namespace ledge {

// kUnsupported, naming the key, if one of them says something else than `spec` does. Source: the
// keys that llama.cpp's converter and reader know (llama-arch.cpp, conversion/base.py).
Result<void> CheckKeysFollowed(const Hyperparameters& numbers, const ModelSpec& spec);

}  // namespace ledge
