// Recurrent cores: what joins the features of one glimpse with what was seen before. One entry each.

import {
  add,
  concat,
  div,
  expandDims,
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
import { stopGradient, type Tensors } from '../core/tensors.ts'
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
  /** Of a core of two layers: hand up the output of the first one without its gradient. */
  readonly detached?: boolean
}

/** A recurrent core as pure functions. */
export type Core = {
  readonly parameters: readonly Parameter[]
  /** The state's names and shapes per episode. */
  readonly state: Readonly<Record<string, readonly number[]>>
  /** Entries of the state that may grow: see `Agent.growing`. */
  readonly growing?: readonly string[]
  /**
   * Features [B, inputs] and the state -> what the heads see, [B, H], and the next state. `context` [B, H] is what a context
   * network makes of the whole image in an episode's first step, and zeros in later ones.
   */
  step(parameters: Tensors, features: Tensor, state: Tensors, context?: Tensor): CoreOutput
}

/** What a core makes of a glimpse. */
export type CoreOutput = {
  /** What predictions and other actions are read from, and all else but for `gazing`: [B, H]. */
  readonly hidden: Tensor2D
  /** What location, stop and baseline networks see where the core has a layer of its own for them: [B, H]. */
  readonly gazing?: Tensor2D
  readonly state: Tensors
}

/** The ReLU core of the paper, h' = ReLU(g W + h U + b) (section 3.1). */
function rnn({ inputs, hidden, recurrent }: CoreShape): Core {
  return {
    parameters: [
      ...denseParameters('core.input', inputs, hidden),
      { name: 'core.recurrent.kernel', shape: [hidden, hidden], start: recurrent },
    ],
    state: { hidden: [hidden] },
    step(p, features, state, context) {
      const remembered = matMul(begunWith(state.hidden!, context), tensor(p, 'core.recurrent.kernel'))
      const next: Tensor2D = relu(add<Tensor2D>(dense(p, 'core.input', features), remembered))
      return { hidden: next, state: { hidden: next } }
    },
  }
}

/** An LSTM core, as the paper has it for Catch. */
function lstm({ inputs, hidden, recurrent }: CoreShape): Core {
  return {
    parameters: lstmParameters('core', inputs, hidden, recurrent),
    state: { hidden: [hidden], cell: [hidden] },
    step(p, features, state, context) {
      const next = lstmStep(p, 'core', features, begunWith(state.hidden!, context), state.cell!)
      return { hidden: next.hidden, state: next }
    },
  }
}

/**
 * Two layers of LSTM (Ba, Mnih, Kavukcuoglu 2015, section 3, "DRAM"): the first joins the glimpses and says what there is;
 * the second, above it, says where to look. A context starts the second alone, so that what is said rests on glimpses.
 */
function dram({ inputs, hidden, recurrent, detached = false }: CoreShape): Core {
  return {
    parameters: [
      ...lstmParameters('core', inputs, hidden, recurrent),
      ...lstmParameters('upperCore', hidden, hidden, recurrent),
    ],
    state: { hidden: [hidden], cell: [hidden], upperHidden: [hidden], upperCell: [hidden] },
    step(p, features, state, context) {
      const lower = lstmStep(p, 'core', features, state.hidden!, state.cell!)
      const handedUp = detached ? stopGradient(lower.hidden) : lower.hidden
      const before = begunWith(state.upperHidden!, context)
      const upper = lstmStep(p, 'upperCore', handedUp, before, state.upperCell!)
      return {
        hidden: lower.hidden,
        gazing: upper.hidden,
        state: { ...lower, upperHidden: upper.hidden, upperCell: upper.cell },
      }
    },
  }
}

/** LSTM (Hochreiter and Schmidhuber 1997); gates in the order input, forget, candidate, output; the forget gate's bias starts at 1. */
function lstmParameters(name: string, inputs: number, hidden: number, recurrent: Initialiser): Parameter[] {
  const gates: Initialiser = ([rows = 0], rng) => {
    const blocks = Array.from({ length: 4 }, () => recurrent([rows, hidden], rng))
    const values = new Float32Array(rows * 4 * hidden)
    for (let i = 0; i < rows; i++)
      for (const [k, block] of blocks.entries())
        values.set(block.subarray(i * hidden, (i + 1) * hidden), (i * 4 + k) * hidden)
    return values
  }
  const bias: Initialiser = () => new Float32Array(4 * hidden).fill(1, hidden, 2 * hidden)
  return [
    { name: `${name}.input.kernel`, shape: [inputs, 4 * hidden], start: uniformFan(inputs) },
    { name: `${name}.input.bias`, shape: [4 * hidden], start: bias },
    { name: `${name}.recurrent.kernel`, shape: [hidden, 4 * hidden], start: gates },
  ]
}

/** The next hidden and cell state of an LSTM, [B, H] each. */
function lstmStep(
  p: Tensors,
  name: string,
  x: Tensor,
  hidden: Tensor,
  cell: Tensor,
): { readonly hidden: Tensor2D; readonly cell: Tensor2D } {
  const remembered = matMul(hidden as Tensor2D, tensor(p, `${name}.recurrent.kernel`))
  const joined = add(dense(p, `${name}.input`, x), remembered) as Tensor2D // [B, 4H]
  const [input, forget, candidate, output] = split(joined, 4, 1) as [Tensor2D, Tensor2D, Tensor2D, Tensor2D]
  const next = add(mul(sigmoid(forget), cell), mul(sigmoid(input), tanh(candidate))) as Tensor2D
  return { hidden: mul(sigmoid(output), tanh(next)), cell: next }
}

/** The state before a step, [B, H]: in an episode's first, that of a context, where there is one. */
const begunWith = (state: Tensor, context: Tensor | undefined): Tensor2D =>
  (context ? add(state, context) : state) as Tensor2D

/**
 * One layer of a transformer (Vaswani et al. 2017) over the glimpses seen so far: nothing is forgotten, and what is of use
 * is looked up. The state is the memory: each glimpse's key and value in a place of its own, and which places are written;
 * or, while it grows, only those that are. H is cut among 4 heads where it can be; places are told apart by learned vectors.
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
    growing: ['keys', 'values', 'written'],
    step(p, features, state, context) {
      const { written, mark, put } = state.written ? nextPlace(state) : newPlace(state)
      const told = begunWith(dense(p, 'core.token', features), context)
      const token = add(told, mark(tensor(p, 'core.places'))) as Tensor2D
      const keys = put(state.keys, dense(p, 'core.key', token)) // [B, places, H]
      const values = put(state.values, dense(p, 'core.value', token))
      const found = attend(dense(p, 'core.query', token), keys, values, written, heads)
      const joined = layerNorm(p, 'core.norm', add(token, dense(p, 'core.found', found)))
      const inner = dense(p, 'core.outer', denseRelu(p, 'core.inner', joined))
      const out = layerNorm(p, 'core.finalNorm', add(joined, inner))
      return { hidden: out, state: { keys, values, ...(written && { written }) } }
    },
  }
}

/** Where a glimpse goes in the memory. */
type Place = {
  /** Which places are written now, [B, places]; where all are, left out. */
  readonly written?: Tensor2D
  /** This place's row of the learned vectors [places, H]. */
  mark(vectors: Tensor2D): Tensor
  /** A memory [B, places, H] with x [B, H] in this place. */
  put(memory: Tensor | undefined, x: Tensor): Tensor
}

/** The first place of a whole memory that is not yet written, whichever step it is. */
function nextPlace({ written: before }: Tensors): Place {
  const [, places] = before!.shape as [number, number]
  const written = concat([onesLike(slice(before!, [0, 0], [-1, 1])), slice(before!, [0, 0], [-1, places - 1])], 1)
  const here = sub(written, before!) as Tensor2D // [B, places], a one where this glimpse goes
  return {
    written: written as Tensor2D,
    mark: (vectors) => matMul(here, vectors),
    put: (memory, x) => add(memory!, mul(reshape(here, [-1, places, 1]), expandDims(x, 1))),
  }
}

/** One place more than the memory has so far. */
const newPlace = ({ keys }: Tensors): Place => ({
  mark: (vectors) => slice(vectors, [keys?.shape[1] ?? 0, 0], [1, -1]),
  put: (memory, x) => (memory ? concat([memory, expandDims(x, 1)], 1) : expandDims(x, 1)),
})

/** Scaled dot-product attention: query [B, H] over keys and values [B, places, H], where `written` [B, places] is 1, or over all; [B, H]. */
export function attend(
  query: Tensor2D,
  keys: Tensor,
  values: Tensor,
  written: Tensor | undefined,
  heads: number,
): Tensor2D {
  const [, places, hidden] = keys.shape as [number, number, number]
  const width = hidden / heads
  const perHead = (x: Tensor): Tensor => reshape(x, [-1, places, heads, width])
  const products = sum(perHead(mul(keys, reshape(query, [-1, 1, hidden]))), -1) // [B, places, heads]
  const scaled = div(products, Math.sqrt(width))
  const shown = written ? add(scaled, mul(sub(reshape(written, [-1, places, 1]), 1), unseen)) : scaled
  const scores = transpose(shown, [0, 2, 1]) // [B, heads, places]
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
export const cores = { rnn, lstm, dram, attention } as const satisfies Readonly<
  Record<string, (shape: CoreShape) => Core>
>

/** The names of the cores. */
export const coreNames = Object.keys(cores) as [keyof typeof cores, ...(keyof typeof cores)[]]
