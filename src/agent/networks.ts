// The pieces that agents are made of: parameters with their first values, dense layers, convolutions.
// Pure functions of named tensors; no classes and no state.

import { add, concat, matMul, relu, reshape, slice, type Tensor, type Tensor2D, transpose } from '@tensorflow/tfjs-core'
import { Rng } from '../core/rng.ts'
import { type Layout, lengthOf, sizeOf, type Tensors } from '../core/tensors.ts'

/** How a parameter starts. */
export type Initialiser = (shape: readonly number[], rng: Rng) => Float32Array

/** A parameter before it has values. */
export type Parameter = { readonly name: string; readonly shape: readonly number[]; readonly start: Initialiser }

/** Uniform in +-bound. */
const uniformWithin =
  (bound: number): Initialiser =>
  (shape, rng) =>
    Float32Array.from({ length: sizeOf(shape) }, () => rng.uniform(-bound, bound))

/** Uniform in +-1/sqrt(fanIn), for kernels and biases alike (LeCun et al. 1998; PyTorch's default for dense layers). */
export const uniformFan = (fanIn: number): Initialiser => uniformWithin(1 / Math.sqrt(fanIn))

/** Uniform in +-sqrt(6/fanIn), which keeps the variance from one ReLU layer to the next (He et al. 2015, equation 10). */
export const heUniform = (fanIn: number): Initialiser => uniformWithin(Math.sqrt(6 / fanIn))

/** The same number everywhere. */
export const constant =
  (value: number): Initialiser =>
  (shape) =>
    new Float32Array(sizeOf(shape)).fill(value)

/** The identity of a square matrix (Le, Jaitly, Hinton 2015: a ReLU RNN that starts by remembering). */
export const identity: Initialiser = ([rows = 0, columns = 0]) => {
  const values = new Float32Array(rows * columns)
  for (let i = 0; i < Math.min(rows, columns); i++) values[i * columns + i] = 1
  return values
}

/** A random matrix with orthonormal rows or columns, whichever are fewer (Saxe et al. 2014); Gram-Schmidt on normal draws. */
export const orthogonal: Initialiser = ([rows = 0, columns = 0], rng) => {
  const [count, length] = [Math.min(rows, columns), Math.max(rows, columns)]
  const basis: Float64Array[] = []
  for (let i = 0; i < count; i++) {
    const vector = Float64Array.from({ length }, () => rng.normal())
    for (const other of basis) {
      const overlap = vector.reduce((sum, value, k) => sum + value * other[k]!, 0)
      for (let k = 0; k < length; k++) vector[k]! -= overlap * other[k]!
    }
    const norm = Math.hypot(...vector)
    basis.push(vector.map((value) => value / norm))
  }
  const values = new Float32Array(rows * columns)
  for (let i = 0; i < rows; i++)
    for (let j = 0; j < columns; j++) values[i * columns + j] = rows <= columns ? basis[i]![j]! : basis[j]![i]!
  return values
}

/** The kernel [inputs, outputs] and bias [outputs] of a dense layer. */
export function denseParameters(
  name: string,
  inputs: number,
  outputs: number,
  start: Initialiser = uniformFan(inputs),
): Parameter[] {
  return [
    { name: `${name}.kernel`, shape: [inputs, outputs], start },
    { name: `${name}.bias`, shape: [outputs], start: uniformFan(inputs) },
  ]
}

/** First values of all parameters in one flat vector. Each is drawn from a stream of its own name: one that changes its shape changes no other. */
export function initialise(parameters: readonly Parameter[], seed: number): Float32Array {
  const layout: Layout = parameters
  const vector = new Float32Array(lengthOf(layout))
  let offset = 0
  for (const { name, shape, start } of parameters) {
    vector.set(start(shape, Rng.of(seed, 'initialise', name)), offset)
    offset += sizeOf(shape)
  }
  return vector
}

/** x W + b: float32 [B, inputs] -> [B, outputs]. */
export function dense(parameters: Tensors, name: string, x: Tensor): Tensor2D {
  return add(
    matMul(x as Tensor2D, tensor(parameters, `${name}.kernel`)),
    tensor(parameters, `${name}.bias`),
  ) as Tensor2D
}

/** ReLU(x W + b): float32 [B, inputs] -> [B, outputs]. */
export function denseRelu(parameters: Tensors, name: string, x: Tensor): Tensor2D {
  return relu(dense(parameters, name, x))
}

/**
 * Every place of a square window in an image, `stride` pixels apart, its pixels in a row: [B, H, W, C] ->
 * [B, rows, columns, side * side * C]; windows that would leave the image are left out. A convolution is a dense layer on
 * these: no engine needs a kernel for it, nor for its gradient.
 */
export function windows(image: Tensor, side: number, stride: number): Tensor {
  const [, height, width, channels] = image.shape as [number, number, number, number]
  const rows = Math.floor((height - side) / stride) + 1
  const columns = Math.floor((width - side) / stride) + 1
  const length = side * side * channels
  if (side % stride !== 0) {
    const places = grid(rows, columns).map(([y, x]) =>
      reshape(slice(image, [0, y * stride, x * stride, 0], [-1, side, side, channels]), [-1, 1, length]),
    )
    return reshape(concat(places, 1), [-1, rows, columns, length])
  }
  // fewer pieces: windows of whole blocks, cut once
  const reach = side / stride
  const [down, across] = [rows + reach - 1, columns + reach - 1]
  const covered = slice(image, [0, 0, 0, 0], [-1, down * stride, across * stride, -1])
  const cut = transpose(reshape(covered, [-1, down, stride, across, stride * channels]), [0, 1, 3, 2, 4])
  const blocks = reshape(cut, [-1, down, across, stride * stride * channels])
  return concat(
    grid(reach, reach).map(([y, x]) => slice(blocks, [0, y, x, 0], [-1, rows, columns, -1])),
    3,
  )
}

/** Parameters of a convolution: `filters` of side x side pixels and all channels. */
export const convolutionParameters = (
  name: string,
  side: number,
  channels: number,
  filters: number,
  start: (fanIn: number) => Initialiser = uniformFan,
): Parameter[] => denseParameters(name, side * side * channels, filters, start(side * side * channels))

/** ReLU of a convolution over whole windows: float32 [B, H, W, C] -> [B, rows, columns, filters]. */
export function convolveRelu(parameters: Tensors, name: string, image: Tensor, side: number, stride: number): Tensor {
  const patches = windows(image, side, stride)
  const [, rows, columns, length] = patches.shape as [number, number, number, number]
  const responses = denseRelu(parameters, name, reshape(patches, [-1, length])) // [B * rows * columns, filters]
  return reshape(responses, [-1, rows, columns, responses.shape[1]])
}

const grid = (rows: number, columns: number): [number, number][] =>
  Array.from({ length: rows * columns }, (_, i) => [Math.floor(i / columns), i % columns])

/** A parameter by name. @throws Error on a name that the layout lacks: a fault of the agent, not of a user. */
export function tensor(parameters: Tensors, name: string): Tensor2D {
  const found = parameters[name]
  if (!found) throw new Error(`the agent has no parameter "${name}"; it has: ${Object.keys(parameters).join(', ')}`)
  return found as Tensor2D
}
