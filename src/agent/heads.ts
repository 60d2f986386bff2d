// Heads: what a policy or a prediction over a space is. One entry for each kind of space says how many numbers a network
// gives for it, and what is made of them: mode, sample and probabilities on typed arrays; log-probability, entropy and
// supervised loss on tensors. Agents, losses, episodes, checkpoints and exports know distributions only through it.
//
// Axes: B episodes, T steps, n outputs of a head, K categories.

import {
  add,
  div,
  exp,
  log,
  logSoftmax,
  mul,
  neg,
  oneHot,
  reshape,
  type Scalar,
  scalar,
  slice,
  softplus,
  square,
  sub,
  sum,
  type Tensor,
  tanh,
} from '@tensorflow/tfjs-core'
import type { Rng } from '../core/rng.ts'
import type { Box, Discrete, MultiDiscrete, Space, SpaceValues } from '../env/spaces.ts'

/** Something that an agent decides or says: an action of the world, or its prediction. */
export type HeadSpec = {
  /** The action's name, or `prediction`. */
  readonly name: string
  readonly space: Space
  /** What its distribution is; by default that of the space's kind. */
  readonly kind?: HeadKindName
}

/** What a distribution over one kind of space is. `outputs` has `outputs(space)` numbers an episode on its last axis. */
export type HeadKind<S extends Space> = {
  /** n. */
  outputs(space: S): number
  /** How many of them, the first, are told to who acts by a trained policy; all by default. */
  told?(space: S): number
  /** The likeliest values of `outputs` [B, n], into `out` [B, ...]. */
  mode(space: S, outputs: Float32Array, out: SpaceValues): void
  /** A draw for row `row` of `outputs` [B, n], into `out` [B, ...]. `std` is of a Box's draws, in half-widths of the Box. */
  sample(space: S, outputs: Float32Array, row: number, std: number, rng: Rng, out: SpaceValues): void
  /** log p(values): `outputs` [..., n], values [..., ...] -> [...]; for a Box of a Gaussian with `std`. */
  logProbability(space: S, outputs: Tensor, values: Tensor, std: Scalar): Tensor
  /** Nats: `outputs` [..., n] -> [...]; undefined where no parameter changes it. For a Box's draws with `std`. */
  entropy(space: S, outputs: Tensor, std: Scalar): Tensor | undefined
  /** How far `outputs` [T, B, n] are from the target [B, ...]: cross-entropy in nats, or squared distance; [T, B]. */
  supervisedLoss(space: S, outputs: Tensor, target: Tensor): Tensor
  /** Float32 [B, K]: the probabilities of the categories, place after place; undefined for a Box. */
  probabilities(space: S, outputs: Float32Array): Float32Array | undefined
}

const halfLogTau = 0.5 * Math.log(2 * Math.PI)

/** Half the width of a Box, in which its standard deviations are measured. */
const halfWidth = ({ low, high }: Box): number => (high - low) / 2

/** A Gaussian around the outputs, independent in every dimension, whose standard deviation is scheduled and not learned. */
const gaussian: HeadKind<Box> = {
  outputs: (space) => space.size,
  mode: (_space, outputs, out) => out.set(outputs),
  sample(space, outputs, row, std, rng, out) {
    const scale = std * halfWidth(space)
    for (let i = row * space.size; i < (row + 1) * space.size; i++) out[i] = outputs[i]! + scale * rng.normal()
  },
  logProbability(space, outputs, values, std) {
    const logStd = log(scaleOf(space, std))
    return gaussianLogDensity(mul(sub(values, outputs), exp(neg(logStd))), logStd)
  },
  entropy: () => undefined,
  supervisedLoss: (_space, outputs, target) => sum(square(sub(outputs, target)), -1),
  probabilities: () => undefined,
}

/**
 * A Gaussian whose standard deviation is the scheduled one times a factor that is learned, so that an eye may leap where it
 * sees nothing and be exact where it does: [mean, g], D numbers each. The factor is 10^tanh(g): from a tenth to ten, 1 at g = 0.
 */
const scaledGaussian: HeadKind<Box> = {
  outputs: (space) => 2 * space.size,
  told: (space) => space.size,
  mode: firstHalves,
  sample(space, outputs, row, std, rng, out) {
    const { size } = space
    const scale = std * halfWidth(space)
    for (let i = 0; i < size; i++) {
      const factor = 10 ** Math.tanh(outputs[(2 * row + 1) * size + i]!)
      out[row * size + i] = outputs[2 * row * size + i]! + scale * factor * rng.normal()
    }
  },
  logProbability(space, outputs, values, std) {
    const logStd = scaledLogStd(space, outputs, std)
    return gaussianLogDensity(mul(sub(values, lastAxis(outputs, 0, space.size)), exp(neg(logStd))), logStd)
  },
  entropy: (space, outputs, std) => gaussianEntropy(scaledLogStd(space, outputs, std)),
  supervisedLoss: (space, outputs, target) => sum(square(sub(lastAxis(outputs, 0, space.size), target)), -1),
  probabilities: () => undefined,
}

/** The logarithms of the standard deviations, [..., 2D] -> [..., D]. */
const scaledLogStd = (space: Box, outputs: Tensor, std: Scalar): Tensor =>
  add(mul(tanh(lastAxis(outputs, space.size, space.size)), Math.LN10), log(scaleOf(space, std)))

/** A standard deviation in the Box's own units. */
const scaleOf = (space: Box, std: Scalar): Scalar =>
  halfWidth(space) === 1 ? std : (mul(std, halfWidth(space)) as Scalar)

/** log p of a Gaussian, independent in every dimension: deviations from its mean, [..., D], and log std, [..., D] or [] -> [...]. */
const gaussianLogDensity = (standardised: Tensor, logStd: Tensor): Tensor =>
  neg(sum(add(mul(square(standardised), 0.5), add(logStd, halfLogTau)), -1))

/** Its entropy in nats: log std [..., D] -> [...]. */
const gaussianEntropy = (logStd: Tensor): Tensor => sum(add(logStd, halfLogTau + 0.5), -1)

/** The means of [mean, spread], D numbers each: `outputs` [B, 2D] into `out` [B, D]. */
function firstHalves({ size }: Box, outputs: Float32Array, out: SpaceValues): void {
  for (let i = 0; i < out.length; i++) out[i] = outputs[i + size * Math.floor(i / size)]!
}

/** A Gaussian of which the outputs are mean and spread, so that it says how sure it is: [mean, spread], D numbers each. */
const learnedGaussian: HeadKind<Box> = {
  outputs: (space) => 2 * space.size,
  mode: firstHalves,
  sample(space, outputs, row, _std, rng, out) {
    const { size } = space
    for (let i = 0; i < size; i++) {
      const spread = leastSpread + Math.log1p(Math.exp(outputs[(2 * row + 1) * size + i]!))
      out[row * size + i] = outputs[2 * row * size + i]! + spread * rng.normal()
    }
  },
  logProbability: (space, outputs, values) => gaussianLogProbability(space, outputs, values),
  entropy: (space, outputs) => gaussianEntropy(log(spreadOf(space, outputs))),
  supervisedLoss: (space, outputs, target) => neg(gaussianLogProbability(space, outputs, target)),
  probabilities: () => undefined,
}

/** Kept from a spread of 0, at which a single target would be infinitely likely. */
const leastSpread = 1e-3

/** The standard deviations, [..., 2D] -> [..., D]. */
const spreadOf = ({ size }: Box, outputs: Tensor): Tensor => add(softplus(lastAxis(outputs, size, size)), leastSpread)

/** log p(values) of a Gaussian with learned spread: [..., 2D] and [..., D] -> [...]. */
function gaussianLogProbability(space: Box, outputs: Tensor, values: Tensor): Tensor {
  const spread = spreadOf(space, outputs)
  const standardised = div(sub(values, lastAxis(outputs, 0, space.size)), spread)
  return gaussianLogDensity(standardised, log(spread))
}

/** A softmax over n categories. */
const categorical: HeadKind<Discrete> = {
  outputs: (space) => space.n,
  mode: (_space, outputs, out) => argMaxRows(outputs, out),
  sample(space, outputs, row, _std, rng, out) {
    out[row] = sampleCategory(outputs, row * space.n, space.n, rng)
  },
  logProbability: (_space, outputs, values) => categoryLogProbability(outputs, values),
  entropy: (_space, outputs) => categoryEntropy(outputs),
  supervisedLoss: (_space, outputs, target) => neg(categoryLogProbability(outputs, target)),
  probabilities: (space, outputs) => softmaxRows(outputs, space.n),
}

/** A softmax for each place, all independent of one another. */
const multiCategorical: HeadKind<MultiDiscrete> = {
  outputs: (space) => space.ns.reduce((total, n) => total + n, 0),
  mode(space, outputs, out) {
    eachPlace(space, (place, from, n, total) => {
      for (let row = 0; row * total < outputs.length; row++)
        out[row * space.size + place] = argMax(outputs, row * total + from, n)
    })
  },
  sample(space, outputs, row, _std, rng, out) {
    eachPlace(space, (place, from, n, total) => {
      out[row * space.size + place] = sampleCategory(outputs, row * total + from, n, rng)
    })
  },
  logProbability: (space, outputs, values) =>
    overPlaces(space, (place, from, n) =>
      categoryLogProbability(lastAxis(outputs, from, n), flatLast(lastAxis(values, place, 1))),
    ),
  entropy: (space, outputs) => overPlaces(space, (_place, from, n) => categoryEntropy(lastAxis(outputs, from, n))),
  supervisedLoss(space, outputs, target) {
    const total = overPlaces(space, (place, from, n) =>
      categoryLogProbability(lastAxis(outputs, from, n), flatLast(lastAxis(target, place, 1))),
    )
    return neg(total)
  },
  probabilities(space, outputs) {
    const probabilities = new Float32Array(outputs.length)
    eachPlace(space, (_place, from, n, total) => {
      for (let start = from; start < outputs.length; start += total) softmax(outputs, start, n, probabilities)
    })
    return probabilities
  },
}

/** Every kind of head: those that a kind of space has by default, under its name, and others. */
const kinds = {
  box: gaussian,
  discrete: categorical,
  'multi-discrete': multiCategorical,
  'learned-gaussian': learnedGaussian,
  'scaled-gaussian': scaledGaussian,
} as const

/** The name of a kind of head. */
export type HeadKindName = keyof typeof kinds

/** The names of the kinds. */
export const headKindNames = Object.keys(kinds) as [HeadKindName, ...HeadKindName[]]

/** The distribution over a space, with the space filled in. */
export type Head = {
  readonly [Name in keyof HeadKind<Space>]-?: Required<HeadKind<Space>>[Name] extends (
    space: Space,
    ...rest: infer Rest
  ) => infer Result
    ? (...rest: Rest) => Result
    : never
}

/** The head of a space, of its usual kind or another that fits it. @see HeadKind */
export function headOf(space: Space, name: HeadKindName = space.kind): Head {
  const kind = kinds[name] as HeadKind<Space>
  return {
    outputs: () => kind.outputs(space),
    told: () => kind.told?.(space) ?? kind.outputs(space),
    mode: (outputs, out) => kind.mode(space, outputs, out),
    sample: (outputs, row, std, rng, out) => kind.sample(space, outputs, row, std, rng, out),
    logProbability: (outputs, values, std) => kind.logProbability(space, outputs, values, std),
    entropy: (outputs, std) => kind.entropy(space, outputs, std),
    supervisedLoss: (outputs, target) => kind.supervisedLoss(space, outputs, target),
    probabilities: (outputs) => kind.probabilities(space, outputs),
  }
}

/** log p(category): logits [..., K], categories int32 of the trailing axes [...] -> [...]. */
function categoryLogProbability(logits: Tensor, category: Tensor): Tensor {
  const n = logits.shape.at(-1)!
  const each = logSoftmax(logits)
  return sum(n === 1 ? each : mul(each, oneHot(category, n)), -1) // one alone is certain, and no depth for `oneHot`
}

/** Entropy in nats: logits [..., K] -> [...]. */
function categoryEntropy(logits: Tensor): Tensor {
  const logProbability = logSoftmax(logits)
  return neg(sum(mul(exp(logProbability), logProbability), -1))
}

/** Calls `visit` for each place: its number, where its outputs begin, how many they are, and how many all are. */
function eachPlace(
  { ns }: MultiDiscrete,
  visit: (place: number, from: number, n: number, total: number) => void,
): void {
  const total = ns.reduce((sumSoFar, n) => sumSoFar + n, 0)
  let from = 0
  for (const [place, n] of ns.entries()) {
    visit(place, from, n, total)
    from += n
  }
}

/** The sum over the places of what `value` gives for each. */
function overPlaces(space: MultiDiscrete, value: (place: number, from: number, n: number) => Tensor): Tensor {
  let total: Tensor | undefined
  eachPlace(space, (place, from, n) => {
    const next = value(place, from, n)
    total = total ? add(total, next) : next
  })
  return total ?? scalar(0)
}

/** [from, from + n) of the last axis. */
function lastAxis(x: Tensor, from: number, n: number): Tensor {
  const begin = x.shape.map((_, axis) => (axis === x.rank - 1 ? from : 0))
  return slice(x, begin, [...x.shape.slice(0, -1), n])
}

/** Without a last axis of length 1. */
const flatLast = (x: Tensor): Tensor => reshape(x, x.shape.slice(0, -1))

/** One of K, from `from` of the logits, by the Gumbel-max trick. */
function sampleCategory(logits: Float32Array, from: number, n: number, rng: Rng): number {
  let [best, chosen] = [Number.NEGATIVE_INFINITY, 0]
  for (let k = 0; k < n; k++) {
    const perturbed = logits[from + k]! - Math.log(-Math.log((rng.next() + 0.5) / 4294967296))
    if (perturbed > best) {
      best = perturbed
      chosen = k
    }
  }
  return chosen
}

/** Which of the n numbers from `from` is the largest; the first of equals. */
function argMax(values: Float32Array, from: number, n: number): number {
  let best = 0
  for (let k = 1; k < n; k++) if (values[from + k]! > values[from + best]!) best = k
  return best
}

/** The largest of K per row of [B, K] into `out` [B]; the first of equals. */
export function argMaxRows(values: Float32Array, out: SpaceValues): void {
  const n = values.length / out.length
  for (let row = 0; row < out.length; row++) out[row] = argMax(values, row * n, n)
}

/** Softmax per row: logits [B, K] -> probabilities, float32 [B, K]. */
export function softmaxRows(logits: Float32Array, n: number): Float32Array {
  const probabilities = new Float32Array(logits.length)
  for (let from = 0; from < logits.length; from += n) softmax(logits, from, n, probabilities)
  return probabilities
}

/** Softmax of the n numbers from `from`. */
function softmax(logits: Float32Array, from: number, n: number, out: Float32Array): void {
  let largest = Number.NEGATIVE_INFINITY
  for (let k = from; k < from + n; k++) largest = Math.max(largest, logits[k]!)
  let total = 0
  for (let k = from; k < from + n; k++) {
    const weight = Math.exp(logits[k]! - largest)
    out[k] = weight
    total += weight
  }
  for (let k = from; k < from + n; k++) out[k]! /= total
}
