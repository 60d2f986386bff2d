// What every world does alike: which items a batch shows, which of them repeat, and what an action must look like.

import { Rng } from '../core/rng.ts'
import type { Action, Environment, ResetOptions } from './environment.ts'

/** The episodes of one batch. */
export type Cast = {
  readonly seed: number
  /** float64 [B]: which item each episode shows. */
  readonly items: Float64Array
  /** float64: the different items, in the order in which they first appear; their number is that of the scenes. */
  readonly sceneItems: Float64Array
  /** int32 [B]: each episode's index into `sceneItems`. */
  readonly scene: Int32Array
  /** int32 [B]: how many earlier episodes of the batch show the same item. */
  readonly repetition: Int32Array
}

/** Deals the episodes of successive resets, and keeps the environment's own sequence of seeds. */
export class Dealer {
  private nextSeed = 0
  private readonly world: Pick<Environment, 'id' | 'batchSize' | 'itemCount'>

  constructor(world: Pick<Environment, 'id' | 'batchSize' | 'itemCount'>) {
    this.world = world
  }

  /** @throws RangeError on an item outside [0, itemCount), no items at all, or a seed that is no integer. */
  deal({ seed = this.nextSeed, items }: ResetOptions = {}): Cast {
    const { id, itemCount } = this.world
    if (!Number.isSafeInteger(seed)) throw new RangeError(`${id}: seed ${seed} must be an integer`)
    this.nextSeed = seed + 1
    const chosen = items ? Float64Array.from(items) : this.drawItems(seed)
    if (chosen.length === 0) throw new RangeError(`${id}: items is empty; give at least one item`)
    for (const item of chosen)
      if (!(Number.isSafeInteger(item) && item >= 0 && item < itemCount))
        throw new RangeError(`${id}: item ${item} is not an integer in [0, ${itemCount})`)
    return { seed, items: chosen, ...groupScenes(chosen) }
  }

  private drawItems(seed: number): Float64Array {
    const { batchSize, itemCount } = this.world
    const rng = Rng.of(seed, 'items')
    return Float64Array.from({ length: batchSize }, () => rng.integer(Math.min(itemCount, 2 ** 32)))
  }
}

/** Which episodes show the same item. */
function groupScenes(items: Float64Array): Pick<Cast, 'sceneItems' | 'scene' | 'repetition'> {
  const sceneOf = new Map<number, number>()
  const sceneItems = new Float64Array(items.length)
  const shown = new Int32Array(items.length)
  const scene = new Int32Array(items.length)
  const repetition = new Int32Array(items.length)
  for (let b = 0; b < items.length; b++) {
    const item = items[b]!
    let index = sceneOf.get(item)
    if (index === undefined) {
      index = sceneOf.size
      sceneItems[index] = item
      sceneOf.set(item, index)
    }
    scene[b] = index
    repetition[b] = shown[index]!++
  }
  return { sceneItems: sceneItems.subarray(0, sceneOf.size), scene, repetition }
}

/** The first looks, float32 [B, 2]: uniform in [-reach, reach]^2, a function of (seed, item, repetition). */
export function firstLooks({ seed, items, repetition }: Cast, reach: number): Float32Array {
  const location = new Float32Array(2 * items.length)
  if (reach === 0) return location
  for (let b = 0; b < items.length; b++) {
    const rng = Rng.of(seed, 'look', items[b]!, repetition[b]!)
    location[2 * b] = rng.uniform(-reach, reach)
    location[2 * b + 1] = rng.uniform(-reach, reach)
  }
  return location
}

/**
 * Hold an action to the action space.
 * @throws RangeError on arrays of another length, a location that is not a number, or a
 * choice outside [0, K). What is said to an episode that has ended is not read.
 */
export function checkAction(world: Environment, action: Action, ended: Uint8Array): void {
  const { id, actionSpace } = world
  const batch = ended.length
  const { stop, belief, choice: choices } = actionSpace
  checkLength(id, 'location', action.location, 2 * batch)
  checkLength(id, 'choice', action.choice, batch)
  if (stop && action.stop) checkLength(id, 'stop', action.stop, batch)
  if (belief) checkLength(id, 'belief', action.belief, batch * belief.size)
  for (let b = 0; b < batch; b++) {
    if (ended[b]) continue
    const x = action.location[2 * b]!
    const y = action.location[2 * b + 1]!
    const choice = action.choice[b]!
    if (Number.isNaN(x) || Number.isNaN(y)) throw new RangeError(`${id}: location (${x}, ${y}) of episode ${b}`)
    if (!(choice >= 0 && choice < choices.count))
      throw new RangeError(`${id}: choice ${choice} of episode ${b} is not in [0, ${choices.count})`)
  }
}

function checkLength(id: string, name: string, values: ArrayLike<number> | undefined, length: number): void {
  if (values?.length !== length)
    throw new RangeError(`${id}: action.${name} has ${values ? values.length : 'no'} numbers; ${length} expected`)
}

/** Where a clipped action looks: the nearest point of [-1, 1]. */
export const clip = (coordinate: number): number => Math.min(Math.max(coordinate, -1), 1)
