// The llama family: Llama 1 to 3, TinyLlama, Vicuna, SmolLM2, Mistral with or without its sliding
// window, and Mixtral, a mixture of experts. Pre-norm blocks of grouped-query attention with rotary
// embeddings and a SwiGLU feed-forward. Source: Touvron et al., LLaMA (arXiv 2302.13971); Jiang et
// al., Mistral 7B (arXiv 2310.06825) and Mixtral of Experts (arXiv 2401.04088); the keys and tensor
// names are the GGUF specification's. GGUF files of this architecture have the rows of query and
// key permuted so that rotated pairs are neighbours.
#include "model/architecture.h"
#include "model/decoder_builder.h"

namespace ledge {
namespace {

Result<ModelSpec> BuildLlama(const Hyperparameters& numbers, TensorFinder& weights) {
  return BuildDecoder(numbers, weights, {.rope_paired = true, .window = true, .experts = true});
}

}  // namespace

extern const Architecture kArchitecture_llama;
const Architecture kArchitecture_llama = {"llama", &BuildLlama};

}  // namespace ledge
