// What a prediction is worth: shares of what is right, beliefs in it, and losses that a blind guess makes 1. Typed arrays
// of B episodes; `b` is one of them.

import { categoriesOf, type Space, type SpaceValues } from '../spaces.ts'

/** The share of episode b's places that are right; for coordinates, minus the squared distance. */
export function scoreOf({ size, kind }: Space, prediction: SpaceValues, target: SpaceValues, b: number): number {
  let sum = 0
  for (let i = b * size; i < (b + 1) * size; i++)
    if (kind === 'box') sum -= (prediction[i]! - target[i]!) ** 2
    else if (prediction[i] === target[i]) sum += 1 / size
  return sum
}

/** The mean of `value(p, n)` over the places of episode b, p being the probability of what is right among n. */
function overPlaces(
  space: Space,
  probabilities: Float32Array,
  target: SpaceValues,
  b: number,
  value: (probability: number, n: number) => number,
): number {
  const ns = categoriesOf(space)
  let at = b * ns.reduce((sum, n) => sum + n, 0)
  let mean = 0
  for (let i = 0; i < ns.length; i++) {
    mean += value(probabilities[at + target[b * ns.length + i]!]!, ns[i]!) / ns.length
    at += ns[i]!
  }
  return mean
}

/** The mean probability of what is right, by place; for coordinates, minus the squared distance. */
export const beliefIn = (
  space: Space,
  prediction: SpaceValues,
  probabilities: Float32Array | undefined,
  target: SpaceValues,
  b: number,
): number =>
  space.kind === 'box'
    ? scoreOf(space, prediction, target, b)
    : overPlaces(space, probabilities!, target, b, (probability) => probability)

/** The belief of a guess without a look: all alike, or the middle. */
export function blindBelief(space: Space, target: SpaceValues, b: number): number {
  const ns = categoriesOf(space)
  if (space.kind !== 'box') return ns.reduce((sum, n) => sum + 1 / n / ns.length, 0)
  const middle = (space.low + space.high) / 2
  let belief = 0
  for (let i = b * space.size; i < (b + 1) * space.size; i++) belief -= (target[i]! - middle) ** 2
  return belief
}

/** Below it a float32 has no logarithm. */
const leastProbability = 1e-38

/**
 * A loss that is 0 where all is right and 1 for a blind guess. Of categories, the cross-entropy over that of n equal ones,
 * ln n, averaged over the places; of coordinates, the mean squared error over the variance of a uniform target.
 */
export function normalisedLoss(
  space: Space,
  prediction: SpaceValues,
  probabilities: Float32Array | undefined,
  target: SpaceValues,
  b: number,
): number {
  if (space.kind === 'box') {
    const variance = (space.high - space.low) ** 2 / 12
    return -scoreOf(space, prediction, target, b) / space.size / variance
  }
  return overPlaces(
    space,
    probabilities!,
    target,
    b,
    (probability, n) => -Math.log(Math.max(probability, leastProbability)) / Math.log(Math.max(n, 2)),
  )
}
