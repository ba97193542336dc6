#include "kernels/isa/i8mm/simd.h"
#include "kernels/isa/isa_functions.h"
#include "kernels/matmul_switch.h"
#include "kernels/quantize.h"

namespace ledge::isa_i8mm {

void Matmul(const PanelMatrix& w, uint32_t panel_begin, uint32_t panel_end, const Activations& x,
            uint32_t columns, float* y, size_t y_stride) {
  MatmulByType<Simd>(w, panel_begin, panel_end, x, columns, y, y_stride);
}

void Quantize(const float* x, uint32_t count, ActGroup* out) {
  Quantizer<Simd>::Run(x, count, out);
}

}  // namespace ledge::isa_i8mm
