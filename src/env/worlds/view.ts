// What an eye sees of a batch of scenes: windows cut from pixels by a retina, or whatever else a source of scenes draws
// when it is looked at. Worlds know scenes only through it.

import { OptionError } from '../../core/errors.ts'
import type { Picture } from '../environment.ts'
import type { EpisodeBatchSpec } from '../episodes.ts'
import { emptyValues, type SpaceValues } from '../spaces.ts'
import { Retina, type RetinaShape } from '../vision/retina.ts'
import type { Scenery, SceneSource } from './scenes.ts'

/** The window that the eye looks through. */
export type EyeShape = Pick<RetinaShape, 'glimpseSide' | 'scales' | 'scaleFactor'>

/** The eye, and how coarsely it sees the whole scene besides: cells along one side of that view; none by default. */
export type EyeWithContext = EyeShape & { readonly contextSide?: number }

/** The scenes of a batch before the eye. */
export interface View {
  /** S * G * G * C: how many numbers one glimpse has. */
  readonly size: number
  /** Put the scenes of `items`, which are all different, before the eye. */
  show(seed: number, items: ArrayLike<number>): void
  /**
   * Look at scenes `scene` [B] (indices into the items shown) at `location` [B, 2] in [-1, 1], the scene's borders, and
   * write the glimpses, float32 [B, S, G, G, C] in [0, 1], to `out`. Where `asleep[b]` is 1, its part of `out` stays.
   */
  look(scene: ArrayLike<number>, location: ArrayLike<number>, out: Float32Array, asleep?: Uint8Array): void
  /** A scene as a bystander sees it. */
  picture(scene: number): Picture
  /** Where the eye has a context: write the coarse views of the whole scenes `scene` [B], float32 [B, K, K, C] in [0, 1], to `out`. */
  overview?(scene: ArrayLike<number>, out: Float32Array): void
}

/** Scenes that are drawn only where they are looked at: for canvases too large to be painted whole. */
export type DrawnScenes = Scenery & { readonly view: (eye: EyeShape) => View }

/**
 * The view of a source: its own, or its pixels through a retina. @throws RangeError on a context with more cells along a
 * side than the longer side of a scene has pixels.
 */
export function viewOf(source: SceneSource | DrawnScenes, { contextSide = 0, ...eye }: EyeWithContext): View {
  const wide = contextSide > 0 ? overviewEye(source, contextSide) : undefined
  if ('view' in source) {
    const view = source.view(eye)
    return wide ? joined(view, source.view(wide)) : view
  }
  const { height, width, channels, background = 0 } = source
  const shape = { height, width, channels, background }
  const retina = new Retina({ ...shape, ...eye })
  const overview = wide && new Retina({ ...shape, ...wide })
  const windows = Array.from(retina.cells, (cell) => cell * eye.glimpseSide)
  let shown = source.show(0, [])
  return {
    size: retina.size,
    show(seed, items) {
      shown = source.show(seed, items)
      retina.show(shown.pixels, shown.starts)
      overview?.show(shown.pixels, shown.starts)
    },
    look: (scene, location, out, asleep) => retina.look(scene, location, out, 0, asleep),
    ...(overview && { overview: (scene, out) => lookAtAll(overview, scene, out) }),
    picture(scene) {
      const start = shown.starts[scene]!
      const found = shown.pixels.slice(start, start + height * width * channels)
      const pixels = found instanceof Uint8Array ? found : Uint8Array.from(found, (value) => Math.round(value * 255))
      return { pixels, height, width, channels, windows }
    },
  }
}

/** The eye whose second scale covers a whole scene, from its middle, with `side` cells along its longer side. */
function overviewEye({ height, width }: Scenery, side: number): EyeShape {
  const longer = Math.max(height, width)
  if (side > longer)
    throw new OptionError(
      `contextSide ${side} given; a coarse view of ${width}x${height} pixels has ${longer} cells a side at most: give less`,
    )
  return { glimpseSide: side, scales: 2, scaleFactor: longer / side }
}

/** Whatever looks at scenes at locations: a retina, or a view. */
type Eye = Pick<View, 'size'> & { look(scene: ArrayLike<number>, location: ArrayLike<number>, out: Float32Array): void }

/** Look at the whole of scenes `scene` [B] through the second scale of such an eye. */
function lookAtAll(eye: Eye, scene: ArrayLike<number>, out: Float32Array): void {
  const both = new Float32Array(2 * out.length)
  eye.look(scene, new Float64Array(2 * scene.length), both)
  const half = eye.size / 2
  for (let b = 0; b < scene.length; b++) out.set(both.subarray((2 * b + 1) * half, (2 * b + 2) * half), b * half)
}

/** A view, and another of the same scenes for its overview. */
function joined(view: View, wide: View): View {
  return {
    ...view,
    show(seed, items) {
      view.show(seed, items)
      wide.show(seed, items)
    },
    overview: (scene, out) => lookAtAll(wide, scene, out),
  }
}

/** What is right to say in each episode, [B, ...] in the source's prediction space. */
export function targetsOf(source: Scenery, { seed, items }: EpisodeBatchSpec): SpaceValues {
  const { predictionSpace } = source
  const target = emptyValues(predictionSpace, items.length)
  for (const [b, item] of items.entries()) source.target(seed, item, target, b * predictionSpace.size)
  return target
}

/** The picture of an episode. @throws Error before the first reset. @throws RangeError on an episode outside the batch. */
export function pictureOf(id: string, view: View, scenes: Int32Array | undefined, episode: number): Picture {
  if (!scenes) throw new Error(`${id}: render before the first reset; call reset first`)
  const scene = scenes[episode]
  if (scene === undefined) throw new RangeError(`${id}: render: there is no episode ${episode} of ${scenes.length}`)
  return view.picture(scene)
}
