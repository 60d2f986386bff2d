// A tree of Parzen estimators (Bergstra, Bardenet, Bengio and Kegl 2011): of what was tried, the best and the rest
// each become a density, option by option; of some numbers drawn from the good density the one is tried at which it exceeds
// the other most, and a choice is drawn by that excess. Kernel widths as in hyperopt (Bergstra, Yamins and Cox 2013).
//
// Departures, for trials that run side by side and stop early: a point without a result yet counts among the rest, so that
// neighbours are not tried at once; and who was let go on for more epochs counts as better than who was not.

import { z } from 'zod'
import { Rng } from '../../core/rng.ts'
import {
  activeDimensions,
  buildPoint,
  type FreeDimension,
  fromScale,
  type NumberDomain,
  type Space,
  scaleOf,
  toScale,
  type Value,
} from '../space.ts'
import { quasiRandomSampler } from './quasi-random.ts'
import { randomSampler } from './random.ts'
import { defineSampler, type Observation, type Sampler } from './sampler.ts'

type Options = { readonly seed: number; readonly startup: number; readonly candidates: number }

export const tpe = defineSampler({
  description: 'a tree of Parzen estimators',
  options: {
    startup: z.int().min(1).default(10).describe("tpe: points of the Sobol sequence before the model's first"),
    candidates: z
      .int()
      .min(1)
      .max(10_000)
      .default(24)
      .describe('tpe: values drawn from the good ones, of which the most promising is tried'),
  },
  create: tpeSampler,
})

/** Trial n draws from a generator of its own; the model is of all that is known when it is proposed. */
function tpeSampler(space: Space, options: Options): Sampler {
  const axes = space.filter(({ domain }) => domain.kind !== 'same').length
  const startup = axes <= 21 ? quasiRandomSampler(space, options) : randomSampler(space, options)
  return {
    count: Number.POSITIVE_INFINITY,
    propose(index, observations) {
      const told = observations.filter(({ cost }) => Number.isFinite(cost)).length
      if (index < options.startup || told < Math.min(options.startup, 4)) return startup.propose(index, observations)
      const rng = Rng.of(options.seed, 'sweep', 'tpe', index)
      const { good, rest } = divide(observations)
      return buildPoint(space, (dimension) =>
        chooseValue(
          dimension,
          valuesAt(space, dimension, good),
          valuesAt(space, dimension, rest),
          options.candidates,
          rng,
        ),
      )
    },
  }
}

/** The best of those that have a result, one in seven, at least two and at most 25; and the rest. */
function divide(observations: readonly Observation[]): { good: Observation[]; rest: Observation[] } {
  const ranked = [...observations].sort(
    (a, b) => Number(Number.isFinite(b.cost)) - Number(Number.isFinite(a.cost)) || b.epoch - a.epoch || a.cost - b.cost,
  )
  const told = ranked.filter(({ cost }) => Number.isFinite(cost)).length
  const count = Math.min(25, Math.max(2, Math.ceil(told / 7)))
  return { good: ranked.slice(0, count), rest: ranked.slice(count) }
}

/** The values that this dimension, and no alternative of it, had at the observed points. */
const valuesAt = (space: Space, { key, name }: FreeDimension, observations: readonly Observation[]): Value[] =>
  observations.flatMap(({ point }) =>
    activeDimensions(space, point).some((each) => each.key === key) ? [point[name]!] : [],
  )

function chooseValue({ domain }: FreeDimension, good: Value[], rest: Value[], candidates: number, rng: Rng): Value {
  if (domain.kind === 'choice') {
    const [likely, unlikely] = [weightsOf(domain.values, good), weightsOf(domain.values, rest)]
    // drawn, not the largest: few good points would shut out the other choices for ever
    const ratios = likely.map((weight, i) => weight / unlikely[i]!)
    const sum = ratios.reduce((x, y) => x + y, 0)
    return domain.values[
      drawIndex(
        ratios.map((ratio) => ratio / sum),
        rng,
      )
    ]!
  }
  const [likely, unlikely] = [good, rest].map((values) => new ParzenEstimator(domain, values.map(Number))) as [
    ParzenEstimator,
    ParzenEstimator,
  ]
  const drawn = Array.from({ length: candidates }, () => likely.draw(rng))
  return fromScale(
    domain,
    best(drawn, (place) => likely.logDensity(place) - unlikely.logDensity(place)),
  )
}

/** A mixture of Gaussians on a domain's scale, cut off at its ends: one at each value, and one as wide as the domain. */
export class ParzenEstimator {
  private readonly low: number
  private readonly high: number
  private readonly kernels: readonly { readonly centre: number; readonly width: number; readonly mass: number }[]

  constructor(domain: NumberDomain, values: readonly number[]) {
    const { low, high } = scaleOf(domain)
    this.low = low
    this.high = high
    const range = high - low
    const prior = { centre: (low + high) / 2, width: range }
    const centres = values.map((value) => toScale(domain, value)).sort((a, b) => a - b)
    const narrowest = range / Math.min(100, centres.length + 2)
    const kernels = centres.map((centre, i) => {
      const before = centres[i - 1] ?? low
      const after = centres[i + 1] ?? high
      return { centre, width: Math.min(range, Math.max(narrowest, centre - before, after - centre)) }
    })
    this.kernels = [...kernels, prior].map((kernel) => ({
      ...kernel,
      mass: normalBelow((high - kernel.centre) / kernel.width) - normalBelow((low - kernel.centre) / kernel.width),
    }))
  }

  draw(rng: Rng): number {
    const { centre, width } = this.kernels[rng.integer(this.kernels.length)]!
    for (let attempt = 0; attempt < 100; attempt++) {
      const place = centre + width * rng.normal()
      if (place >= this.low && place <= this.high) return place
    }
    return rng.uniform(this.low, this.high)
  }

  logDensity(place: number): number {
    let sum = 0
    for (const { centre, width, mass } of this.kernels) {
      const z = (place - centre) / width
      sum += Math.exp(-0.5 * z * z) / (width * mass)
    }
    return Math.log(sum / (this.kernels.length * Math.sqrt(2 * Math.PI)) + 1e-300)
  }
}

/** How likely each choice is: how often it was made, and once more. */
function weightsOf(choices: readonly Value[], made: readonly Value[]): number[] {
  return choices.map((choice) => (made.filter((value) => value === choice).length + 1) / (made.length + choices.length))
}

function drawIndex(weights: readonly number[], rng: Rng): number {
  const place = rng.uniform()
  let below = 0
  for (let i = 0; i < weights.length - 1; i++) {
    below += weights[i]!
    if (place < below) return i
  }
  return weights.length - 1
}

const best = (candidates: readonly number[], score: (candidate: number) => number): number =>
  candidates.reduce((a, b) => (score(b) > score(a) ? b : a))

/** The share of a normal distribution below z (Abramowitz and Stegun 1964, 7.1.26; within 1e-7). */
function normalBelow(z: number): number {
  const t = 1 / (1 + 0.3275911 * (Math.abs(z) / Math.SQRT2))
  const series = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))))
  const tail = 0.5 * series * Math.exp((-z * z) / 2)
  return z > 0 ? 1 - tail : tail
}
