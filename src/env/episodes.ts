// What every world does alike: which items a batch shows, which of them repeat, and what an action must look like.

import { Rng } from '../core/rng.ts'
import type { Action, Environment, ResetOptions } from './environment.ts'
import { categoriesOf, type Space, type SpaceValues } from './spaces.ts'

/** The episodes of one batch. */
export type EpisodeBatchSpec = {
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

/** Draws the episodes of successive resets, and keeps the environment's own sequence of seeds. */
export class EpisodeSampler {
  private nextSeed = 0
  private readonly world: Pick<Environment, 'id' | 'batchSize' | 'itemCount'>

  constructor(world: Pick<Environment, 'id' | 'batchSize' | 'itemCount'>) {
    this.world = world
  }

  /** @throws RangeError on an item outside [0, itemCount), no items at all, or a seed that is no integer. */
  sample({ seed = this.nextSeed, items }: ResetOptions = {}): EpisodeBatchSpec {
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
function groupScenes(items: Float64Array): Pick<EpisodeBatchSpec, 'sceneItems' | 'scene' | 'repetition'> {
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

/** A first look that the world draws in its own way, if it does. @see Scenery.firstLook */
export type FirstLook = (seed: number, item: number, rng: Rng) => readonly [number, number] | undefined

/**
 * The first locations, float32 [B, 2]: uniform in [-reach, reach]^2, or where `own` says; a function of (seed, item,
 * repetition).
 */
export function firstLocations(
  { seed, items, repetition }: EpisodeBatchSpec,
  reach: number,
  own?: FirstLook,
): Float32Array {
  const location = new Float32Array(2 * items.length)
  if (reach === 0 && !own) return location
  for (let b = 0; b < items.length; b++) {
    const rng = Rng.of(seed, 'look', items[b]!, repetition[b]!)
    const drawn = [rng.uniform(-reach, reach), rng.uniform(-reach, reach)]
    location.set(own?.(seed, items[b]!, rng) ?? drawn, 2 * b)
  }
  return location
}

/**
 * Hold an action to the spaces of the environment: every action, the prediction, and the probabilities where they are read.
 * @throws RangeError on arrays of another length, numbers that are NaN, or integers outside their space. What is said to an
 * episode that has ended is not read.
 */
export function checkAction(world: Environment, action: Action, ended: Uint8Array): void {
  const { id, actionSpace, predictionSpace, readsProbabilities } = world
  for (const [name, space] of Object.entries(actionSpace)) checkValues(id, name, space!, action[name], ended)
  if (!predictionSpace) return
  checkValues(id, 'prediction', predictionSpace, action.prediction, ended)
  if (readsProbabilities) {
    const categories = categoriesOf(predictionSpace).reduce((sum, n) => sum + n, 0)
    checkLength(id, 'probabilities', action.probabilities, ended.length * categories)
  }
}

function checkValues(id: string, name: string, space: Space, values: SpaceValues | undefined, ended: Uint8Array): void {
  checkLength(id, name, values, ended.length * space.size)
  const categories = categoriesOf(space)
  for (let i = 0; i < values!.length; i++) {
    const value = values![i]!
    if (ended[Math.floor(i / space.size)]) continue
    if (space.kind === 'box' ? Number.isNaN(value) : !(value >= 0 && value < categories[i % space.size]!))
      throw new RangeError(
        `${id}: action.${name} ${value} of episode ${Math.floor(i / space.size)} is not ${space.kind === 'box' ? 'a number' : `in [0, ${categories[i % space.size]})`}`,
      )
  }
}

function checkLength(id: string, name: string, values: ArrayLike<number> | undefined, length: number): void {
  if (values?.length !== length)
    throw new RangeError(`${id}: action.${name} has ${values ? values.length : 'no'} numbers; ${length} expected`)
}

/** The nearest point of [low, high]. */
export const clip = (value: number, low = -1, high = 1): number => Math.min(Math.max(value, low), high)
