// Places of a scene that look like no other, after ap_gym's `sample_unique_glimpse_positions`: what is to be found there can
// be told from everything else.

import type { Rng } from '../../core/rng.ts'
import { clip } from '../episodes.ts'
import type { View } from './view.ts'

/** What is searched. */
export type DistinctiveSearch = {
  readonly view: View
  /** Which of the view's scenes. */
  readonly scene: number
  /** Location units in those of the view, by x and y. */
  readonly span: readonly [number, number]
  /** How far apart the places are that are compared, at most, in location units by x and y. */
  readonly cell: readonly [number, number]
  /** How many of the most distinctive places one is drawn from. */
  readonly candidates: number
  readonly rng: Rng
}

/**
 * (x, y) in [-1, 1]: within a cell of one of the `candidates` places of a regular grid whose glimpses differ most, by mean
 * squared difference, from that of the place most like them.
 */
export function placeOfDistinctive({ view, scene, span, cell, candidates, rng }: DistinctiveSearch): [number, number] {
  const [columns, rows] = cell.map((side) => Math.ceil(2 / side)) as [number, number]
  const count = columns * rows
  const at = (i: number): [number, number] => [
    (2 * (i % columns)) / (columns - 1) - 1,
    (2 * Math.floor(i / columns)) / (rows - 1) - 1,
  ]
  const glimpses = new Float32Array(count * view.size)
  const places = Float64Array.from({ length: 2 * count }, (_, k) => at(k >> 1)[k % 2]! * span[k % 2]!)
  view.look(new Int32Array(count).fill(scene), places, glimpses)
  const best = mostDistinctive(glimpses, count, view.size, columns, candidates)
  const [x, y] = at(best[rng.integer(best.length)]!)
  return [clip(x + rng.uniform(-cell[0], cell[0])), clip(y + rng.uniform(-cell[1], cell[1]))]
}

/** The `wanted` glimpses that differ most from the one most like them. Neighbours, which are most like, are compared first. */
function mostDistinctive(
  glimpses: Float32Array,
  count: number,
  size: number,
  columns: number,
  wanted: number,
): number[] {
  const found: { readonly place: number; readonly difference: number }[] = []
  for (let i = 0; i < count; i++) {
    const least = found.length < wanted ? -1 : found.at(-1)!.difference
    let difference = Number.POSITIVE_INFINITY
    for (const step of [1, columns, columns + 1, columns - 1])
      for (const j of [i - step, i + step])
        if (j >= 0 && j < count && difference > least)
          difference = Math.min(difference, differenceOf(glimpses, i, j, size, difference))
    for (let j = 0; j < count && difference > least; j++)
      if (j !== i) difference = Math.min(difference, differenceOf(glimpses, i, j, size, difference))
    if (difference <= least) continue
    if (found.length === wanted) found.pop()
    found.push({ place: i, difference })
    found.sort((a, b) => b.difference - a.difference)
  }
  return found.map(({ place }) => place)
}

/** The sum of squared differences of glimpses i and j, or some number of at least `enough` once it is that large. */
function differenceOf(glimpses: Float32Array, i: number, j: number, size: number, enough: number): number {
  let sum = 0
  for (let k = 0; k < size && sum < enough; k++) sum += (glimpses[i * size + k]! - glimpses[j * size + k]!) ** 2
  return sum
}
