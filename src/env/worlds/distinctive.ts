// Places of a scene that look like no other, after ap_gym's `sample_unique_glimpse_positions`: what is to be found there can
// be told from everything else.

import type { Rng } from '../../core/rng.ts'
import { clip } from '../episodes.ts'
import type { View } from './view.ts'

/** The places that are compared: a regular grid whose neighbours are a cell, [x, y] in location units, apart or less. */
export class PlaceGrid {
  private readonly cell: readonly [number, number]
  private readonly columns: number
  private readonly count: number

  constructor(cell: readonly [number, number]) {
    const [columns, rows] = cell.map((side) => Math.ceil(2 / side)) as [number, number]
    this.cell = cell
    this.columns = columns
    this.count = columns * rows
  }

  /**
   * The `wanted` places of a scene of a view whose glimpses differ most, by mean squared difference, from that of the place
   * most like them. `span`: location units in those of the view, by x and y.
   */
  distinctive(view: View, scene: number, span: readonly [number, number], wanted: number): number[] {
    const { columns, count } = this
    const glimpses = new Float32Array(count * view.size)
    const places = Float64Array.from({ length: 2 * count }, (_, k) => this.at(k >> 1)[k % 2]! * span[k % 2]!)
    view.look(new Int32Array(count).fill(scene), places, glimpses)
    return mostDistinctive(glimpses, count, view.size, columns, wanted)
  }

  /** (x, y) in [-1, 1]: within a cell of one of these places. */
  drawNear(places: readonly number[], rng: Rng): [number, number] {
    const [x, y] = this.at(places[rng.integer(places.length)]!)
    const [width, height] = this.cell
    return [clip(x + rng.uniform(-width, width)), clip(y + rng.uniform(-height, height))]
  }

  private at(i: number): [number, number] {
    const { columns, count } = this
    return [(2 * (i % columns)) / (columns - 1) - 1, (2 * Math.floor(i / columns)) / (count / columns - 1) - 1]
  }
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
