// Every tfjs kernel that can be recorded.

import { elementwiseKernels } from './elementwise.ts'
import type { Kernels } from './kernel.ts'
import { productKernels } from './product.ts'
import { reduceKernels } from './reduce.ts'
import { shapeKernels } from './shape.ts'

export const kernels: Kernels = { ...elementwiseKernels, ...productKernels, ...reduceKernels, ...shapeKernels }
