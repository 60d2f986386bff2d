// Scenes made of a set of labelled images: the images as they lie, slightly distorted, or on a larger canvas among pieces
// of others (translated and cluttered, Mnih et al. 2014, sections 4.1.1 and 4.1.2). What is right to say is the class.

import { z } from 'zod'
import { OptionError } from '../../core/errors.ts'
import { Rng } from '../../core/rng.ts'
import type { Setting } from '../registry.ts'
import { Discrete } from '../spaces.ts'
import { type Canvas, checkCanvas, paintCanvas } from '../vision/canvas.ts'
import { distort } from '../vision/distortion.ts'
import { type ImageSet, imageSize } from '../vision/image-set.ts'
import { Perception, type PerceptionOptions, perceptionOptions } from './perception.ts'
import type { SceneSource } from './scenes.ts'

/** How training images are varied, and where the canvases of the other parts come from. */
export const imageOptions = {
  distortion: z
    .number()
    .min(0)
    .max(4)
    .default(0)
    .describe(
      'how much training images are turned, sheared, scaled and shifted at random, each time anew: 1 is up to 11 degrees, 11 degrees, 12 % and 2 pixels of 28; the paper has none',
    ),
  mirror: z.boolean().default(false).describe('mirror every other training image, left to right'),
  evaluationSeed: z
    .number()
    .int()
    .default(0)
    .describe('seed of the canvases of validation and test, which never change'),
}

/** The options of a world of labelled images; each world sets the first three to its own custom. */
export const classificationOptions = (world: Parameters<typeof perceptionOptions>[0]) =>
  perceptionOptions(world).extend(imageOptions)

export type ClassificationOptions = z.infer<ReturnType<typeof classificationOptions>>

/** Which images are shown, and how. */
export type ImageScenes = {
  readonly set: ImageSet
  readonly split: Setting['split']
  /** Without it the images are shown as they are. */
  readonly canvas?: Canvas
  /** The byte seen outside an image that has no canvas; 0 by default. */
  readonly background?: number
  readonly options: Pick<ClassificationOptions, 'distortion' | 'mirror' | 'evaluationSeed'>
}

/** The world "look, then name the class" over a set of images. @throws UserError where the images do not fit on the canvas. */
export function classification(
  task: Omit<ImageScenes, 'options'> & Setting & { readonly id: string; readonly options: ClassificationOptions },
): Perception {
  const { id, batchSize, set, split, options } = task
  if (set.indices.length === 0) throw new OptionError(`${id}: ${set.name} has no images for ${split}`)
  const { distortion: _, mirror: __, evaluationSeed: ___, ...looks } = options
  return new Perception({ id, batchSize, source: imageScenes(task), options: looks satisfies PerceptionOptions })
}

/**
 * Scenes of a set of images. Training scenes are drawn anew for every seed; those of validation and test depend on
 * `evaluationSeed` alone, and no canvas of one is that of the other. @throws UserError where the images do not fit on the canvas.
 */
export function imageScenes({ set, split, canvas, background = 0, options }: ImageScenes): SceneSource {
  if (canvas) checkCanvas(canvas, set)
  const { distortion, mirror, evaluationSeed } = options
  const distorted = split === 'train' && (distortion > 0 || mirror)
  const size = canvas ? canvas.side * canvas.side * set.channels : imageSize(set)
  const drawing = distorted && canvas ? new Uint8Array(imageSize(set)) : undefined
  let canvases = new Uint8Array(0)

  const canvasRng = (seed: number, item: number): Rng =>
    split === 'train'
      ? Rng.of(seed, 'canvas', item)
      : split === 'test'
        ? Rng.of(evaluationSeed, 'canvas', item)
        : Rng.of(evaluationSeed, 'canvas', split, item)

  /** Paint one scene at byte `at` of the canvases. */
  function paint(seed: number, item: number, at: number): void {
    if (distorted) {
      const [out, start] = drawing ? [drawing, 0] : [canvases, at]
      const strength = { strength: distortion, mirror }
      distort(set, set.indices[item]!, strength, canvas ? 0 : background, Rng.of(seed, 'distortion', item), out, start)
    }
    if (canvas) paintCanvas(canvas, set, item, canvasRng(seed, item), canvases, at, drawing)
    else if (!distorted) set.read?.(set.indices[item]!, canvases, at)
  }

  return {
    height: canvas?.side ?? set.height,
    width: canvas?.side ?? set.width,
    channels: set.channels,
    background: canvas ? 0 : background,
    unchanging: split !== 'train' || !(distorted || canvas),
    itemCount: set.indices.length,
    predictionSpace: new Discrete(set.classNames.length),
    classNames: set.classNames,
    get fingerprint() {
      return set.fingerprint // a getter: all images are read for it
    },
    show(seed, items) {
      if (!canvas && !distorted && !set.read)
        return { pixels: set.images, starts: Float64Array.from(items, (item) => set.indices[item]! * imageSize(set)) }
      if (canvases.length < items.length * size) canvases = new Uint8Array(items.length * size)
      for (let n = 0; n < items.length; n++) paint(seed, items[n]!, n * size)
      return { pixels: canvases, starts: Float64Array.from(items, (_, n) => n * size) }
    },
    target(_seed, item, out, at) {
      out[at] = set.labels[set.indices[item]!]!
    },
  }
}
