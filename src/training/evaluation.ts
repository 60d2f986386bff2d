// How good is it? Errors on a split: with mean locations (greedy), with drawn ones (sampled), and of the probabilities
// averaged over several rollouts of an item; always apart, for averaging hides a bad policy.

import { argMaxRows, softmaxRows } from '../agent/distributions.ts'
import { Rng } from '../core/rng.ts'
import type { Split } from '../env/registry.ts'
import type { Errors } from '../runs/records.ts'
import { type Learner, repeated } from './learner.ts'
import { Rollout } from './rollout.ts'

/** What to evaluate. */
export type EvaluationRequest = {
  readonly split: Split
  readonly greedy: boolean
  /** How many of the split's items; all by default. */
  readonly items?: number | undefined
  /** Rollouts of each item, side by side. */
  readonly rollouts: number
  /** Standard deviation of the drawn locations. */
  readonly std: number
  /** Whether to use the parameters' moving average, where there is one. */
  readonly averaged: boolean
}

/** Sums over what was played; those of several workers add up. */
export type Tally = {
  readonly items: number
  readonly episodes: number
  /** Episodes whose choice was wrong, and items wrong by the average of their rollouts' probabilities. */
  readonly wrong: number
  readonly wrongAveraged: number
  readonly reward: number
  readonly glimpses: number
  /** Whether the world has targets to be wrong about. */
  readonly targets: boolean
}

/** How many episodes of an endless world an evaluation plays by default. */
const endlessItems = 1000
/** Episodes a program plays at once; batches are cut alike for any number of workers. */
const episodesAtOnce = 500

/** This worker's part of an evaluation: every `size`-th batch. */
export async function tally(learner: Learner, request: EvaluationRequest, rank: number, size: number): Promise<Tally> {
  const environment = learner.environment(request.split)
  const { rollouts, greedy, std, split } = request
  const all = Number.isFinite(environment.itemCount) ? environment.itemCount : endlessItems
  const count = Math.min(environment.itemCount, request.items ?? all)
  const itemsAtOnce = Math.max(1, Math.floor(episodesAtOnce / rollouts))
  const plan = { ...learner.plan, environment }
  // the same first looks for every run, whatever its seed, so that runs may be compared
  const seed = Rng.of(0, 'evaluate', split).next()
  const sums = { items: 0, episodes: 0, wrong: 0, wrongAveraged: 0, reward: 0, glimpses: 0, targets: false }
  for (let batch = rank; batch * itemsAtOnce < count; batch += size) {
    const first = batch * itemsAtOnce
    const length = Math.min(itemsAtOnce, count - first)
    const items = repeated(
      Int32Array.from({ length }, (_, i) => first + i),
      rollouts,
    )
    const manner = { greedy, std, rng: Rng.of(0, 'evaluate', split, 'policy', batch) }
    const rollout = new Rollout(environment, plan.algorithm, manner, seed, items)
    await learner.play(rollout, { averaged: request.averaged })
    sums.items += length
    sums.episodes += items.length
    sums.reward += total(rollout.returns())
    sums.glimpses += total(rollout.lengths())
    if (!rollout.target) continue
    sums.targets = true
    const probabilities = softmaxRows(
      rollout.lastLogits(environment.actionSpace.choice.count),
      environment.actionSpace.choice.count,
    )
    sums.wrong += countWrong(probabilities, rollout.target)
    sums.wrongAveraged += countWrong(
      averageGroups(probabilities, length, rollouts),
      rollout.target.filter((_, i) => i % rollouts === 0),
    )
  }
  return sums
}

/** Several workers' tallies as one. */
export function mergeTallies(tallies: readonly Tally[]): Tally {
  return tallies.reduce((a, b) => ({
    items: a.items + b.items,
    episodes: a.episodes + b.episodes,
    wrong: a.wrong + b.wrong,
    wrongAveraged: a.wrongAveraged + b.wrongAveraged,
    reward: a.reward + b.reward,
    glimpses: a.glimpses + b.glimpses,
    targets: a.targets || b.targets,
  }))
}

/** Percent of the episodes that went wrong; where there are no targets, 100 x (1 - mean return). */
export function errorOf(tally: Tally): number {
  return tally.targets ? (100 * tally.wrong) / tally.episodes : 100 * (1 - tally.reward / tally.episodes)
}

/** The three errors of one greedy and one sampled tally. */
export function errorsOf(greedy: Tally, sampled: Tally): Errors {
  const averaged = sampled.targets ? (100 * sampled.wrongAveraged) / sampled.items : errorOf(sampled)
  return { greedy: round(errorOf(greedy)), sampled: round(errorOf(sampled)), averaged: round(averaged) }
}

/** Mean over each group of `size` rows: probabilities [count * size, K] -> [count, K]. */
function averageGroups(probabilities: Float32Array, count: number, size: number): Float32Array {
  const classCount = probabilities.length / (count * size)
  const means = new Float32Array(count * classCount)
  for (let i = 0; i < probabilities.length; i++) {
    const row = Math.floor(i / classCount)
    means[Math.floor(row / size) * classCount + (i % classCount)]! += probabilities[i]! / size
  }
  return means
}

/** Rows of [B, K] whose largest entry is not the target's. */
function countWrong(probabilities: Float32Array, target: Int32Array): number {
  const named = new Int32Array(target.length)
  argMaxRows(probabilities, named)
  return named.reduce((wrong, name, i) => wrong + (name === target[i] ? 0 : 1), 0)
}

const total = (values: Float32Array): number => values.reduce((sum, value) => sum + value, 0)
const round = (percent: number): number => Math.round(percent * 1e4) / 1e4
