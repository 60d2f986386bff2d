// Where the scenes of a world come from: pixels and what is right to say of them. Images of a set as they lie, or scenes
// painted one after another for every reset.

import { Rng } from '../../core/rng.ts'
import type { Space, SpaceValues } from '../spaces.ts'
import type { Pixels } from '../vision/retina.ts'

/** Scenes before the eye: scene n is [H, W, C] from `starts[n]` of `pixels`. */
export type Scenes = { readonly pixels: Pixels; readonly starts: ArrayLike<number> }

/** What a world asks of where its scenes come from. */
export type Scenery = {
  /** Pixels. */
  readonly height: number
  /** Pixels. */
  readonly width: number
  /** C: 1 for grey, 3 for RGB. */
  readonly channels: number
  /** How many items there are; Infinity where scenes are made up from the number alone. */
  readonly itemCount: number
  /** What is to be said of a scene. */
  readonly predictionSpace: Space
  /** What the classes are called, where `predictionSpace` is Discrete. */
  readonly classNames?: readonly string[]
  /** @see Environment.fingerprint */
  readonly fingerprint?: string
  /**
   * Where the first look at a scene is taken, [x, y] in [-1, 1], if not where the world draws it: for a training in which
   * some episodes begin near what is sought. Everything is drawn from `rng`, which is the episode's.
   */
  firstLook?(seed: number, item: number, rng: Rng): readonly [number, number] | undefined
  /** Write what is right to say of an item's scene, `predictionSpace.size` numbers, to `out` from `at`. */
  target(seed: number, item: number, out: SpaceValues, at: number): void
}

/** A supply of scenes of one size as pixels, by the numbers of their items. */
export interface SceneSource extends Scenery {
  /** What is seen outside a scene: a byte; 0 by default. */
  readonly background?: number
  /** Whether an item's scene is the same whatever the seed. */
  readonly unchanging?: boolean
  /** The scenes of `items`, which are all different. They stay as they are until the next call. */
  show(seed: number, items: ArrayLike<number>): Scenes
}

/** A scene that is painted anew whenever it is shown, as a function of the seed and its item. */
export type PaintedScenes = Omit<SceneSource, 'show' | 'target'> & {
  /** Scenes that are the same whatever the seed of a reset: the name of their stream, such as `test`; false (the default) for new ones. */
  readonly fixed?: string | false
  /** Bytes by default; `float` for real numbers in [0, 1]. */
  readonly pixels?: 'bytes' | 'float'
  /**
   * Paint the scene of an item, [H, W, C], to `out` from `at`, where there is nothing but background. Equal seed and
   * item, equal scene: draw everything from `rng`, which is theirs.
   */
  paint(item: number, rng: Rng, out: Pixels, at: number): void
  /** What is right to say of it: a class, or as many numbers as `predictionSpace` has. `rng` is the one that `paint` is given, anew. */
  answer(item: number, rng: Rng): number | ArrayLike<number>
}

/** A source of scenes that are painted one by one. */
export function paintedScenes({ pixels = 'bytes', fixed = false, paint, answer, ...rest }: PaintedScenes): SceneSource {
  const size = rest.height * rest.width * rest.channels
  const { background = 0 } = rest
  let canvas: Pixels = new Uint8Array(0)
  const rngOf = (seed: number, item: number): Rng =>
    fixed === false ? Rng.of(seed, 'scene', item) : Rng.of(0, 'scene', fixed, item)
  return {
    unchanging: fixed !== false,
    ...rest,
    show(seed, items) {
      if (canvas.length < items.length * size)
        canvas = pixels === 'float' ? new Float32Array(items.length * size) : new Uint8Array(items.length * size)
      const starts = Float64Array.from(items, (_, n) => n * size)
      canvas.fill(pixels === 'float' ? background / 255 : background, 0, items.length * size)
      for (let n = 0; n < items.length; n++) paint(items[n]!, rngOf(seed, items[n]!), canvas, n * size)
      return { pixels: canvas, starts }
    },
    target(seed, item, out, at) {
      const right = answer(item, rngOf(seed, item))
      if (typeof right === 'number') out[at] = right
      else out.set(Array.from(right), at)
    },
  }
}
