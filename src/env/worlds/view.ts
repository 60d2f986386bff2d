// What an eye sees of a batch of scenes: windows cut from pixels by a retina, or whatever else a source of scenes draws
// when it is looked at. Worlds know scenes only through it.

import type { Picture } from '../environment.ts'
import type { EpisodeBatchSpec } from '../episodes.ts'
import { emptyValues, type SpaceValues } from '../spaces.ts'
import { Retina, type RetinaShape } from '../vision/retina.ts'
import type { Scenery, SceneSource } from './scenes.ts'

/** The window that the eye looks through. */
export type EyeShape = Pick<RetinaShape, 'glimpseSide' | 'scales' | 'scaleFactor'>

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
}

/** Scenes that are drawn only where they are looked at: for canvases too large to be painted whole. */
export type DrawnScenes = Scenery & { readonly view: (eye: EyeShape) => View }

/** The view of a source: its own, or its pixels through a retina. */
export function viewOf(source: SceneSource | DrawnScenes, eye: EyeShape): View {
  if ('view' in source) return source.view(eye)
  const { height, width, channels, background = 0 } = source
  const retina = new Retina({ height, width, channels, background, ...eye })
  const windows = Array.from(retina.cells, (cell) => cell * eye.glimpseSide)
  let shown = source.show(0, [])
  return {
    size: retina.size,
    show(seed, items) {
      shown = source.show(seed, items)
      retina.show(shown.pixels, shown.starts)
    },
    look: (scene, location, out, asleep) => retina.look(scene, location, out, 0, asleep),
    picture(scene) {
      const start = shown.starts[scene]!
      const found = shown.pixels.slice(start, start + height * width * channels)
      const pixels = found instanceof Uint8Array ? found : Uint8Array.from(found, (value) => Math.round(value * 255))
      return { pixels, height, width, channels, windows }
    },
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
