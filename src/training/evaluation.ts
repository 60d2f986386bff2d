// How good is it? Errors on a split: with the likeliest actions (greedy), with drawn ones (sampled), and of the predictions
// averaged over several rollouts of an item; always apart, for averaging hides a bad policy.

import { argMaxRows, headOf } from '../agent/heads.ts'
import { Rng } from '../core/rng.ts'
import type { Environment } from '../env/environment.ts'
import type { Split } from '../env/registry.ts'
import { categoriesOf, type SpaceValues } from '../env/spaces.ts'
import type { Errors, Measure } from '../runs/records.ts'
import { EpisodeBatch } from './episode-batch.ts'
import { type Learner, repeated } from './learner.ts'
import { countWrong, distances } from './metrics.ts'

/** What to evaluate. */
export type EvaluationRequest = {
  readonly split: Split
  readonly greedy: boolean
  /** How many of the split's items, a fixed random sample; all by default. */
  readonly items?: number | undefined
  /** Rollouts of each item, side by side. */
  readonly rollouts: number
  /** Standard deviation of the draws, in half-widths of a Box. */
  readonly std: number
  /** Whether to use the parameters' moving average, where there is one. */
  readonly averaged: boolean
  /** Which of its batches, [from, to), so that one can say in between how far it is; all by default. */
  readonly batches?: readonly [number, number]
}

/** Sums over what was played. */
export type EvaluationCounts = {
  readonly items: number
  readonly episodes: number
  /** Episodes whose prediction was wrong, and items wrong by the average of their rollouts' probabilities. */
  readonly wrong: number
  readonly wrongAveraged: number
  /** Of coordinates: the distances from the target, of each episode, and of the mean of an item's rollouts. */
  readonly distance: number
  readonly distanceAveraged: number
  readonly return: number
  readonly glimpses: number
}

/** One batch of an evaluation. */
export type CountedBatch = {
  readonly batch: number
  readonly counts: EvaluationCounts
  /** Items of the whole evaluation. */
  readonly of: number
}

/** How many episodes of an endless world an evaluation plays by default. */
const endlessItems = 1000
/** Episodes a program plays at once; batches are cut alike for any number of workers. */
const episodesAtOnce = 500

const nothing: EvaluationCounts = {
  ...{ items: 0, episodes: 0, wrong: 0, wrongAveraged: 0 },
  ...{ distance: 0, distanceAveraged: 0, return: 0, glimpses: 0 },
}

/** The items of an evaluation: all, or as many of them as are asked for, the same sample for every run; in order. */
export function evaluationItems(itemCount: number, split: Split, asked?: number): Int32Array {
  const all = Number.isFinite(itemCount) ? itemCount : (asked ?? endlessItems)
  if (asked === undefined || asked >= all) return Int32Array.from({ length: all }, (_, i) => i)
  return Rng.of(0, 'evaluation items', split).permutation(all).subarray(0, asked).sort()
}

/** This worker's part of an evaluation: every `size`-th batch. */
export async function evaluateBatches(
  learner: Learner,
  request: EvaluationRequest,
  rank: number,
  size: number,
): Promise<CountedBatch[]> {
  const { rollouts, split, items: asked, batches: [from, to] = [0, Number.POSITIVE_INFINITY] } = request
  const environment = learner.environment(split)
  const all = evaluationItems(environment.itemCount, split, asked)
  const itemsAtOnce = Math.max(1, Math.floor(episodesAtOnce / rollouts))
  const found: CountedBatch[] = []
  for (let batch = from + rank; batch < to && batch * itemsAtOnce < all.length; batch += size) {
    const items = repeated(all.subarray(batch * itemsAtOnce, (batch + 1) * itemsAtOnce), rollouts)
    const counts = count(await play(learner, environment, items, request), environment, rollouts)
    found.push({ batch, counts, of: all.length })
  }
  return found
}

/** Play items' episodes; the same first locations and draws for every run, whatever its seed, so that runs may be compared. */
async function play(
  learner: Learner,
  environment: Environment,
  items: Int32Array,
  { greedy, std, split, rollouts, averaged }: EvaluationRequest,
): Promise<EpisodeBatch> {
  const plan = { ...learner.plan, environment }
  const streams = Array.from(items, (item, b) => Rng.of(0, 'evaluate', split, 'policy', item, b % rollouts))
  const options = { greedy, std, drawPredictions: !plan.spec.supervised, streams }
  const episodes = new EpisodeBatch(plan, options, { seed: Rng.of(0, 'evaluate', split).next(), items })
  await learner.play(episodes, { averaged, plan })
  return episodes
}

/** What came of a batch. */
function count(episodes: EpisodeBatch, { predictionSpace }: Environment, rollouts: number): EvaluationCounts {
  const { batch, target } = episodes
  const counts = {
    ...nothing,
    items: batch / rollouts,
    episodes: batch,
    return: total(episodes.returns()),
    glimpses: total(episodes.lengths()),
  }
  if (!target || !predictionSpace) return counts
  const { size } = predictionSpace
  const once = target.filter((_, i) => Math.floor(i / size) % rollouts === 0)
  if (predictionSpace.kind === 'box') {
    const predicted = episodes.lastPrediction() as Float32Array
    const averages = averageGroups(predicted, rollouts, size)
    return {
      ...counts,
      distance: total(distances(predicted, target, size)),
      distanceAveraged: total(distances(averages, once, size)),
    }
  }
  const ns = categoriesOf(predictionSpace)
  const n = ns.reduce((sum, each) => sum + each, 0)
  const probabilities = headOf(predictionSpace).probabilities(episodes.lastPredictionOutputs())!
  return {
    ...counts,
    wrong: countWrong(likeliest(probabilities, ns), target, size),
    wrongAveraged: countWrong(likeliest(averageGroups(probabilities, rollouts, n), ns), once, size),
  }
}

/** The sums of all batches, in their order, whoever played them. */
export function mergeCounts(found: readonly (readonly CountedBatch[])[]): EvaluationCounts {
  const inOrder = found.flat().sort((a, b) => a.batch - b.batch)
  return inOrder.reduce((sums, { counts }) => {
    const names = Object.keys(sums) as (keyof EvaluationCounts)[]
    return Object.fromEntries(names.map((name) => [name, sums[name] + counts[name]])) as Record<
      keyof EvaluationCounts,
      number
    >
  }, nothing)
}

/** What the figures of a world are: see `Measure`. */
export function measureOf({ predictionSpace, returnRange }: Environment, hasTargets: boolean): Measure {
  if (predictionSpace && hasTargets) return predictionSpace.kind === 'box' ? 'distance' : 'error'
  return returnRange?.[0] === 0 && returnRange[1] === 1 ? 'failure' : 'return'
}

/** The figure of one rollout an item, in its measure's unit. */
export function figureOf(counts: EvaluationCounts, measure: Measure): number {
  const { episodes } = counts
  if (measure === 'error') return (100 * counts.wrong) / episodes
  if (measure === 'distance') return counts.distance / episodes
  return measure === 'failure' ? 100 * (1 - counts.return / episodes) : counts.return / episodes
}

/** The three figures of one greedy and one sampled evaluation. */
export function errorsOf(greedy: EvaluationCounts, sampled: EvaluationCounts, measure: Measure): Errors {
  const averaged =
    measure === 'error'
      ? (100 * sampled.wrongAveraged) / sampled.items
      : measure === 'distance'
        ? sampled.distanceAveraged / sampled.items
        : figureOf(sampled, measure)
  return {
    greedy: round(figureOf(greedy, measure)),
    sampled: round(figureOf(sampled, measure)),
    averaged: round(averaged),
  }
}

/** Mean over each group of `size` rows of n: [count * size, n] -> [count, n]. */
export function averageGroups(rows: Float32Array, size: number, n: number): Float32Array {
  const means = new Float32Array(rows.length / size)
  for (let i = 0; i < rows.length; i++) {
    const row = Math.floor(i / n)
    means[Math.floor(row / size) * n + (i % n)]! += rows[i]! / size
  }
  return means
}

/** The likeliest category of each place, int32 [B, places], of probabilities [B, sum of ns]. */
function likeliest(probabilities: Float32Array, ns: readonly number[]): SpaceValues {
  const n = ns.reduce((sum, each) => sum + each, 0)
  const rows = probabilities.length / n
  const chosen = new Int32Array(rows * ns.length)
  for (let row = 0; row < rows; row++) {
    let from = row * n
    for (const [place, each] of ns.entries()) {
      const at = row * ns.length + place
      argMaxRows(probabilities.subarray(from, from + each), chosen.subarray(at, at + 1))
      from += each
    }
  }
  return chosen
}

const total = (values: Float32Array): number => values.reduce((sum, value) => sum + value, 0)
const round = (figure: number): number => Math.round(figure * 1e4) / 1e4
