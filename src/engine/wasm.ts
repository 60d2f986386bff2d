// The tfjs WebAssembly backend, with four of its kernels replaced: its product of matrices by our own, which is some twice as
// fast, and of transposed ones, which every gradient needs, some forty times; its sum over rows and its cutting of a vector,
// which walk through memory one number at a time; and its identity, which the tape uses to save, and which copies.

import {
  BatchMatMul,
  type BatchMatMulAttrs,
  findBackend,
  getKernel,
  Identity,
  type KernelConfig,
  type KernelFunc,
  registerKernel,
  SplitV,
  type SplitVAttrs,
  Sum,
  type SumAttrs,
  type TensorInfo,
  unregisterKernel,
  util,
} from '@tensorflow/tfjs-core'
import { createEagerEngine } from './eager.ts'
import type { Engine } from './engine.ts'
import { productIn } from './product.ts'
import { rowSumIn } from './row-sum.ts'
import type { Memory } from './webassembly.ts'

const backendName = 'wasm'
let cured = false

/** An eager engine on one thread of WebAssembly: runs wherever Node does. */
export async function createWasmEngine(): Promise<Engine> {
  await import('@tensorflow/tfjs-backend-wasm')
  const engine = await createEagerEngine('wasm', backendName, 'TensorFlow.js WebAssembly, one thread')
  if (!cured) {
    const backend = findBackend(backendName) as unknown as Backend
    replaceKernel(BatchMatMul, packedProduct(backend))
    replaceKernel(Sum, sumRows(backend))
    replaceKernel(SplitV, cutVector)
    replaceKernel(Identity, sameData)
    cured = true
  }
  return engine
}

function replaceKernel(kernelName: string, replacement: (original: KernelFunc) => KernelFunc): void {
  const original = getKernel(kernelName, backendName)
  unregisterKernel(kernelName, backendName)
  registerKernel({ ...original, kernelFunc: replacement(original.kernelFunc) } as KernelConfig)
}

type Backend = {
  readonly wasm: {
    readonly asm: { readonly memory: Memory }
    _malloc(bytes: number): number
    _free(address: number): void
  }
  incRef(id: object): void
  makeOutput(shape: number[], dtype: string): TensorInfo
  typedArrayFromHeap(x: TensorInfo): Float32Array
}

/** a b by our own product; what it is not made for, as before. */
const packedProduct =
  (backend: Backend): ((original: KernelFunc) => KernelFunc) =>
  (original) => {
    const { wasm } = backend
    const multiply = productIn({ memory: wasm.asm.memory, allocate: wasm._malloc, free: wasm._free })
    return (params) => {
      const { a, b } = params.inputs as { a: TensorInfo; b: TensorInfo }
      const { transposeA, transposeB } = params.attrs as unknown as BatchMatMulAttrs
      const [rows, depth] = extentsOf(a, transposeA)
      const [, columns] = extentsOf(b, transposeB)
      const [stackA, stackB] = [a.shape.slice(0, -2), b.shape.slice(0, -2)]
      const [countA, countB] = [util.sizeFromShape(stackA), util.sizeFromShape(stackB)]
      const alike = util.arraysEqual(stackA, stackB)
      if (a.dtype !== 'float32' || b.dtype !== 'float32' || rows * depth * columns === 0) return original(params)
      // one matrix may go with a whole stack
      if (!alike && (stackA.length !== stackB.length || (countA !== 1 && countB !== 1))) return original(params)
      const output = backend.makeOutput([...(countA === 1 ? stackB : stackA), rows, columns], 'float32')
      const [left, right, out] = [a, b, output].map((x) => backend.typedArrayFromHeap(x).byteOffset)
      for (let k = 0; k < countA * (alike ? 1 : countB); k++) {
        const at = (start: number, size: number): number => start + k * size * Float32Array.BYTES_PER_ELEMENT
        multiply(
          { address: countA === 1 ? left! : at(left!, rows * depth), transposed: transposeA },
          { address: countB === 1 ? right! : at(right!, depth * columns), transposed: transposeB },
          at(out!, rows * columns),
          [rows, depth, columns],
        )
      }
      return output
    }
  }

/** Rows and columns of a matrix, or of each in a stack, as the product sees them. */
function extentsOf({ shape }: TensorInfo, transposed: boolean): [number, number] {
  const [rows, columns] = [shape.at(-2)!, shape.at(-1)!]
  return transposed ? [columns, rows] : [rows, columns]
}

/** The same data under another tensor, as in the other backends. */
const sameData =
  (): KernelFunc =>
  ({ inputs, backend }) => {
    const { x } = inputs as { x: TensorInfo }
    ;(backend as unknown as Backend).incRef(x.dataId)
    return { dataId: x.dataId, shape: x.shape, dtype: x.dtype }
  }

/** The sum over the rows of a matrix. */
const sumRows =
  (backend: Backend): ((original: KernelFunc) => KernelFunc) =>
  (original) => {
    const sum = rowSumIn(backend.wasm.asm.memory)
    return (params) => {
      const { x } = params.inputs as { x: TensorInfo }
      const { axis, keepDims } = params.attrs as unknown as SumAttrs
      const axes = util.parseAxisParam(axis, x.shape)
      const [rows = 0, columns = 0] = x.shape
      if (x.shape.length !== 2 || axes.length !== 1 || axes[0] !== 0 || x.dtype !== 'float32' || rows * columns === 0)
        return original(params)
      const output = backend.makeOutput(keepDims ? [1, columns] : [columns], 'float32')
      const [from, to] = [x, output].map((each) => backend.typedArrayFromHeap(each).byteOffset)
      sum(from!, to!, rows, columns)
      return output
    }
  }

/** A vector cut into parts, each copied at once. */
const cutVector =
  (original: KernelFunc): KernelFunc =>
  (params) => {
    const { x } = params.inputs as { x: TensorInfo }
    const { numOrSizeSplits: sizes } = params.attrs as unknown as SplitVAttrs
    if (x.shape.length !== 1 || x.dtype !== 'float32' || !Array.isArray(sizes) || sizes.includes(-1))
      return original(params)
    const backend = params.backend as unknown as Backend
    let offset = 0
    return sizes.map((size) => {
      const output = backend.makeOutput([size], 'float32')
      // looked up anew each time: memory that grows moves
      backend.typedArrayFromHeap(output).set(backend.typedArrayFromHeap(x).subarray(offset, offset + size))
      offset += size
      return output
    })
  }
