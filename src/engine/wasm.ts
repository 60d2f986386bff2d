// The tfjs WebAssembly backend, with four of its kernels replaced. Its product of transposed matrices, which every gradient
// needs, takes a path some twenty times slower than transposing first; its sum over rows and its cutting of a vector walk
// through memory one number at a time; and its identity, which the tape uses to save, copies. What was transposed is kept
// as long as what it was made of: a weight is needed transposed at every time step, and the backend packs a right-hand side
// that it knows only once.

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
  const engine = await createEagerEngine('wasm', backendName, 'TensorFlow.js WebAssembly, one thread')
  if (!cured) {
    replaceKernel(BatchMatMul, transposeFirst)
    replaceKernel(Sum, sumRows)
    replaceKernel(SplitV, cutVector)
    replaceKernel(Identity, sameData)
    keepTransposesWithTheirOrigin(findBackend(backendName) as unknown as Backend)
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
  disposeData(id: object, force?: boolean): boolean
  incRef(id: object): void
  makeOutput(shape: number[], dtype: string): TensorInfo
  typedArrayFromHeap(x: TensorInfo): Float32Array
}

/** Transposed matrices by the data that they were made of. */
const transposes = new WeakMap<object, TensorInfo>()

/** Let go of a transposed matrix together with what it was made of. */
function keepTransposesWithTheirOrigin(backend: Backend): void {
  const dispose = backend.disposeData.bind(backend)
  backend.disposeData = (id, force) => {
    const gone = dispose(id, force)
    const transposed = transposes.get(id)
    if (gone && transposed) {
      transposes.delete(id)
      dispose(transposed.dataId, true)
    }
    return gone
  }
}

/** The transposed matrix; a batch of several is transposed anew each time. */
function transposed(x: TensorInfo, backend: Backend): { matrix: TensorInfo; kept: boolean } {
  const known = transposes.get(x.dataId)
  const [rows, columns] = [x.shape.at(-2)!, x.shape.at(-1)!]
  const shape = [...x.shape.slice(0, -2), columns, rows]
  if (known && known.shape.at(-1) === rows && known.shape.at(-2) === columns)
    return { matrix: { ...known, shape }, kept: true }
  const axes = x.shape.map((_, axis) => axis)
  const perm = [...axes.slice(0, -2), axes.at(-1)!, axes.at(-2)!]
  const matrix = getKernel(Transpose, backendName).kernelFunc({
    inputs: { x },
    attrs: { perm },
    backend: backend as never,
  }) as TensorInfo
  const kept = !known && rows * columns === util.sizeFromShape(x.shape)
  if (kept) transposes.set(x.dataId, matrix)
  return { matrix, kept }
}

/** a^T b as transpose(a) b: the plain product is fast, the transposed one is not. */
const transposeFirst =
  (original: KernelFunc): KernelFunc =>
  ({ inputs, attrs, backend }) => {
    const { a, b } = inputs as { a: TensorInfo; b: TensorInfo }
    const { transposeA, transposeB } = attrs as unknown as BatchMatMulAttrs
    const own = backend as unknown as Backend
    const [left, right] = [
      transposeA ? transposed(a, own) : { matrix: a, kept: true },
      transposeB ? transposed(b, own) : { matrix: b, kept: true },
    ]
    const plain = { transposeA: false, transposeB: false }
    const product = original({ inputs: { a: left.matrix, b: right.matrix }, attrs: plain, backend })
    for (const { matrix, kept } of [left, right]) if (!kept) own.disposeData(matrix.dataId)
    return product
  }

/** The same data under another tensor, as in the other backends. */
const sameData =
  (): KernelFunc =>
  ({ inputs, backend }) => {
    const { x } = inputs as { x: TensorInfo }
    ;(backend as unknown as Backend).incRef(x.dataId)
    return { dataId: x.dataId, shape: x.shape, dtype: x.dtype }
  }

/** The sum over the rows of a matrix, row by row. */
const sumRows =
  (original: KernelFunc): KernelFunc =>
  (params) => {
    const { x } = params.inputs as { x: TensorInfo }
    const { axis, keepDims } = params.attrs as unknown as SumAttrs
    const axes = util.parseAxisParam(axis, x.shape)
    const [rows = 0, columns = 0] = x.shape
    if (x.shape.length !== 2 || axes.length !== 1 || axes[0] !== 0 || x.dtype !== 'float32' || rows * columns === 0)
      return original(params)
    const backend = params.backend as unknown as Backend
    const output = backend.makeOutput(keepDims ? [1, columns] : [columns], 'float32')
    const [from, sums] = [backend.typedArrayFromHeap(x), backend.typedArrayFromHeap(output)]
    sums.set(from.subarray(0, columns))
    for (let i = columns; i < rows * columns; i += columns)
      for (let column = 0; column < columns; column++) sums[column]! += from[i + column]!
    return output
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
