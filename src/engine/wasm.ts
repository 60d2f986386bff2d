// The tfjs WebAssembly backend, with two of its kernels replaced: its product of transposed matrices, which every
// gradient needs, takes a path some twenty times slower than transposing first, and its sum over rows is slower than a
// product with ones. Both replacements run kernels of the backend itself.

import {
  BatchMatMul,
  type BatchMatMulAttrs,
  getKernel,
  type KernelConfig,
  type KernelFunc,
  registerKernel,
  Sum,
  type SumAttrs,
  type TensorInfo,
  Transpose,
  unregisterKernel,
  util,
} from '@tensorflow/tfjs-core'
import { createEagerEngine } from './eager.ts'
import type { Engine } from './engine.ts'

const backendName = 'wasm'
let cured = false

/** An eager engine on one thread of WebAssembly: runs wherever Node does. */
export async function createWasmEngine(): Promise<Engine> {
  await import('@tensorflow/tfjs-backend-wasm')
  if (!cured) {
    replaceKernel(BatchMatMul, transposeFirst)
    replaceKernel(Sum, sumRowsByProduct)
    cured = true
  }
  return createEagerEngine('wasm', backendName, 'TensorFlow.js WebAssembly, one thread')
}

function replaceKernel(kernelName: string, replacement: (original: KernelFunc) => KernelFunc): void {
  const original = getKernel(kernelName, backendName)
  unregisterKernel(kernelName, backendName)
  registerKernel({ ...original, kernelFunc: replacement(original.kernelFunc) } as KernelConfig)
}

type Backend = {
  disposeData(id: object): void
  makeOutput(shape: number[], dtype: string): TensorInfo
  typedArrayFromHeap(x: TensorInfo): Float32Array
}

/** a^T b as transpose(a) b: the plain product is fast, the transposed one is not. */
const transposeFirst =
  (original: KernelFunc): KernelFunc =>
  ({ inputs, attrs, backend }) => {
    const { a, b } = inputs as { a: TensorInfo; b: TensorInfo }
    const { transposeA, transposeB } = attrs as unknown as BatchMatMulAttrs
    const transposed = (x: TensorInfo): TensorInfo => {
      const axes = x.shape.map((_, axis) => axis)
      const perm = [...axes.slice(0, -2), axes.at(-1)!, axes.at(-2)!]
      return getKernel(Transpose, backendName).kernelFunc({ inputs: { x }, attrs: { perm }, backend }) as TensorInfo
    }
    const left = transposeA ? transposed(a) : a
    const right = transposeB ? transposed(b) : b
    const plain = { transposeA: false, transposeB: false }
    const product = original({ inputs: { a: left, b: right }, attrs: plain, backend })
    if (transposeA) (backend as Backend).disposeData(left.dataId)
    if (transposeB) (backend as Backend).disposeData(right.dataId)
    return product
  }

/** The sum over the rows of a matrix as 1^T x: one product instead of a strided walk. */
const sumRowsByProduct =
  (original: KernelFunc): KernelFunc =>
  (params) => {
    const { x } = params.inputs as { x: TensorInfo }
    const { axis, keepDims } = params.attrs as unknown as SumAttrs
    const axes = util.parseAxisParam(axis, x.shape)
    if (
      x.shape.length !== 2 ||
      axes.length !== 1 ||
      axes[0] !== 0 ||
      x.dtype !== 'float32' ||
      util.sizeFromShape(x.shape) === 0
    )
      return original(params)
    const backend = params.backend as Backend
    const [rows, columns] = x.shape as [number, number]
    const ones = backend.makeOutput([1, 1, rows], 'float32')
    backend.typedArrayFromHeap(ones).fill(1)
    const product = getKernel(BatchMatMul, backendName).kernelFunc({
      inputs: { a: ones, b: { ...x, shape: [1, rows, columns] } },
      attrs: { transposeA: false, transposeB: false },
      backend,
    }) as TensorInfo
    backend.disposeData(ones.dataId)
    return { ...product, shape: keepDims ? [1, columns] : [columns] }
  }
