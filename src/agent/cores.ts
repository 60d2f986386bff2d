// Recurrent cores: what joins the features of one glimpse with what was seen before. One entry each.

import { add, matMul, mul, relu, sigmoid, split, type Tensor, type Tensor2D, tanh } from '@tensorflow/tfjs-core'
import type { Tensors } from '../core/tensors.ts'
import { dense, denseParameters, type Initialiser, type Parameter, tensor, uniformFan } from './networks.ts'

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

/** Every core, by the name that options use. */
export const cores = { rnn, lstm } as const satisfies Readonly<Record<string, (shape: CoreShape) => Core>>

/** The names of the cores. */
export const coreNames = Object.keys(cores) as [keyof typeof cores, ...(keyof typeof cores)[]]
