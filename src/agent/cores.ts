// Recurrent cores: what joins the features of one glimpse with what was seen before. One entry each.

import {
  add,
  concat,
  div,
  matMul,
  mean,
  mul,
  onesLike,
  relu,
  reshape,
  sigmoid,
  slice,
  softmax,
  split,
  sqrt,
  square,
  sub,
  sum,
  type Tensor,
  type Tensor2D,
  tanh,
  transpose,
} from '@tensorflow/tfjs-core'
import type { Tensors } from '../core/tensors.ts'
import {
  constant,
  dense,
  denseParameters,
  denseRelu,
  type Initialiser,
  type Parameter,
  tensor,
  uniformFan,
} from './networks.ts'

/** What a core is made for. */
export type CoreShape = {
  /** Features of a glimpse. */
  readonly inputs: number
  /** H. */
  readonly hidden: number
  /** How the recurrent matrix starts. */
  readonly recurrent: Initialiser
  /** T: the largest number of steps of an episode. */
  readonly horizon: number
}

/** A recurrent core as pure functions. */
export type Core = {
  readonly parameters: readonly Parameter[]
  /** The state's names and shapes per episode. */
  readonly state: Readonly<Record<string, readonly number[]>>
  /** Features [B, inputs] and the state -> what the heads see, [B, H], and the next state. */
  step(parameters: Tensors, features: Tensor, state: Tensors): { readonly hidden: Tensor2D; readonly state: Tensors }
}

/** The ReLU core of the paper, h' = ReLU(g W + h U + b) (section 3.1). */
function rnn({ inputs, hidden, recurrent }: CoreShape): Core {
  return {
    parameters: [
      ...denseParameters('core.input', inputs, hidden),
      { name: 'core.recurrent.kernel', shape: [hidden, hidden], start: recurrent },
    ],
    state: { hidden: [hidden] },
    step(p, features, state) {
      const remembered = matMul(state.hidden as Tensor2D, tensor(p, 'core.recurrent.kernel'))
      const next: Tensor2D = relu(add<Tensor2D>(dense(p, 'core.input', features), remembered))
      return { hidden: next, state: { hidden: next } }
    },
  }
}

/** LSTM (Hochreiter and Schmidhuber 1997); gates in the order input, forget, candidate, output; the forget gate's bias starts at 1. */
function lstm({ inputs, hidden, recurrent }: CoreShape): Core {
  const gates: Initialiser = ([rows = 0], rng) => {
    const blocks = Array.from({ length: 4 }, () => recurrent([rows, hidden], rng))
    const values = new Float32Array(rows * 4 * hidden)
    for (let i = 0; i < rows; i++)
      for (const [k, block] of blocks.entries())
        values.set(block.subarray(i * hidden, (i + 1) * hidden), (i * 4 + k) * hidden)
    return values
  }
  const bias: Initialiser = () => new Float32Array(4 * hidden).fill(1, hidden, 2 * hidden)
  return {
    parameters: [
      { name: 'core.input.kernel', shape: [inputs, 4 * hidden], start: uniformFan(inputs) },
      { name: 'core.input.bias', shape: [4 * hidden], start: bias },
      { name: 'core.recurrent.kernel', shape: [hidden, 4 * hidden], start: gates },
    ],
    state: { hidden: [hidden], cell: [hidden] },
    step(p, features, state) {
      const remembered = matMul(state.hidden as Tensor2D, tensor(p, 'core.recurrent.kernel'))
      const joined = add(dense(p, 'core.input', features), remembered) as Tensor2D // [B, 4H]
      const [input, forget, candidate, output] = split(joined, 4, 1) as [Tensor2D, Tensor2D, Tensor2D, Tensor2D]
      const cell = add(mul(sigmoid(forget), state.cell!), mul(sigmoid(input), tanh(candidate))) as Tensor2D
      const next: Tensor2D = mul(sigmoid(output), tanh(cell))
      return { hidden: next, state: { hidden: next, cell } }
    },
  }
}

/**
 * One layer of a transformer (Vaswani et al. 2017) over the glimpses seen so far: nothing is forgotten, and what is of use
 * is looked up. The state is the memory: each glimpse's key and value in a place of its own, and which places are written.
 * H is cut among 4 heads where it can be; places are told apart by learned vectors.
 */
function attention({ inputs, hidden, horizon }: CoreShape): Core {
  const heads = hidden % 4 === 0 ? 4 : 1
  const places = horizon + 1 // one more glimpse is judged, though not acted upon, where an episode is cut off
  const [ofInputs, ofHidden] = [uniformFan(inputs), uniformFan(hidden)]
  const square = (name: string): Parameter[] => denseParameters(`core.${name}`, hidden, hidden)
  return {
    parameters: [
      { name: 'core.token.kernel', shape: [inputs, hidden], start: ofInputs },
      { name: 'core.token.bias', shape: [hidden], start: ofInputs },
      { name: 'core.places', shape: [places, hidden], start: ofHidden },
      ...[...square('query'), ...square('key'), ...square('value'), ...square('found')],
      ...normParameters('core.norm', hidden),
      ...denseParameters('core.inner', hidden, 2 * hidden),
      ...denseParameters('core.outer', 2 * hidden, hidden),
      ...normParameters('core.finalNorm', hidden),
    ],
    state: { keys: [places, hidden], values: [places, hidden], written: [places] },
    step(p, features, state) {
      const before = state.written as Tensor2D
      const written = concat([onesLike(slice(before, [0, 0], [-1, 1])), slice(before, [0, 0], [-1, places - 1])], 1)
      const here = sub(written, before) as Tensor2D // [B, places], a one where this glimpse goes
      const token = add(dense(p, 'core.token', features), matMul(here, tensor(p, 'core.places'))) as Tensor2D
      const put = (memory: Tensor, name: string): Tensor =>
        add(memory, mul(reshape(here, [-1, places, 1]), reshape(dense(p, name, token), [-1, 1, hidden])))
      const keys = put(state.keys!, 'core.key') // [B, places, H]
      const values = put(state.values!, 'core.value')
      const found = attend(dense(p, 'core.query', token), keys, values, written, heads)
      const joined = layerNorm(p, 'core.norm', add(token, dense(p, 'core.found', found)))
      const inner = dense(p, 'core.outer', denseRelu(p, 'core.inner', joined))
      return { hidden: layerNorm(p, 'core.finalNorm', add(joined, inner)), state: { keys, values, written } }
    },
  }
}

/** Scaled dot-product attention: query [B, H] over keys and values [B, places, H], where `written` [B, places] is 1; [B, H]. */
export function attend(query: Tensor2D, keys: Tensor, values: Tensor, written: Tensor, heads: number): Tensor2D {
  const [, places, hidden] = keys.shape as [number, number, number]
  const width = hidden / heads
  const perHead = (x: Tensor): Tensor => reshape(x, [-1, places, heads, width])
  const products = sum(perHead(mul(keys, reshape(query, [-1, 1, hidden]))), -1) // [B, places, heads]
  const hiding = mul(sub(reshape(written, [-1, places, 1]), 1), unseen)
  const scores = transpose(add(div(products, Math.sqrt(width)), hiding), [0, 2, 1]) // [B, heads, places]
  const weights = reshape(transpose(softmax(scores), [0, 2, 1]), [-1, places, heads, 1])
  return reshape(sum(mul(weights, perHead(values)), 1), [-1, hidden])
}

/** Taken from the score of a place that holds nothing: its weight becomes exactly 0. */
const unseen = 1e9

const normParameters = (name: string, size: number): Parameter[] => [
  { name: `${name}.scale`, shape: [size], start: constant(1) },
  { name: `${name}.bias`, shape: [size], start: constant(0) },
]

/** Each row brought to mean 0 and variance 1, then scaled and shifted (Ba, Kiros, Hinton 2016). */
function layerNorm(p: Tensors, name: string, x: Tensor): Tensor2D {
  const centred = sub(x, mean(x, -1, true))
  const deviation = sqrt(add(mean(square(centred), -1, true), 1e-5))
  return add(mul(div(centred, deviation), tensor(p, `${name}.scale`)), tensor(p, `${name}.bias`)) as Tensor2D
}

/** Every core, by the name that options use. */
export const cores = { rnn, lstm, attention } as const satisfies Readonly<Record<string, (shape: CoreShape) => Core>>

/** The names of the cores. */
export const coreNames = Object.keys(cores) as [keyof typeof cores, ...(keyof typeof cores)[]]
