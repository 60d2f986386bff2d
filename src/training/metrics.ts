// What is reported of a batch of episodes, whatever the algorithm: their returns, how often they were right, how far off.

import type { SpaceValues } from '../env/spaces.ts'
import type { EpisodeBatch } from './episode-batch.ts'
import type { Plan } from './programs.ts'

/** Means over the episodes, by name. @see ownMetrics */
export function episodeMetrics({ environment, algorithm }: Plan, episodes: EpisodeBatch): Record<string, number> {
  const { batch, target } = episodes
  const { predictionSpace } = environment
  const metrics: Record<string, number> = { return: mean(episodes.returns()) }
  if (environment.actionSpace.location && !algorithm.locationSampler) metrics.spread = episodes.spread()
  if (!environment.fixedLength) metrics.glimpses = mean(episodes.lengths())
  if (!target || !predictionSpace) return metrics
  const predicted = episodes.lastPrediction()
  const { size } = predictionSpace
  if (predictionSpace.kind === 'box') metrics.distance = mean(distances(predicted, target, size))
  else metrics.accuracy = 1 - countWrong(predicted, target, size) / batch
  return metrics
}

/** How many of the rows of `size` numbers differ in at least one. */
export function countWrong(predicted: SpaceValues, target: SpaceValues, size: number): number {
  let wrong = 0
  for (let from = 0; from < target.length; from += size) {
    let right = true
    for (let i = from; i < from + size; i++) right &&= predicted[i] === target[i]
    if (!right) wrong++
  }
  return wrong
}

/** The Euclidean distance of each row of `size` numbers. */
export function distances(predicted: SpaceValues, target: SpaceValues, size: number): Float32Array {
  return Float32Array.from({ length: target.length / size }, (_, row) => {
    let squares = 0
    for (let i = row * size; i < (row + 1) * size; i++) squares += (predicted[i]! - target[i]!) ** 2
    return Math.sqrt(squares)
  })
}

const mean = (values: Float32Array): number => values.reduce((sum, value) => sum + value, 0) / values.length
