// Scenes of several images of a set on one canvas, side by side or strewn about: pairs, sums and sequences of digits, after
// Ba, Mnih, Kavukcuoglu 2015 (Multiple Object Recognition with Visual Attention, section 4.1) and its sequences of numbers.

import { OptionError } from '../../core/errors.ts'
import type { Rng } from '../../core/rng.ts'
import type { Setting } from '../registry.ts'
import { Discrete, MultiDiscrete, type Space } from '../spaces.ts'
import { type ImageSet, pixelsOf } from '../vision/image-set.ts'
import { paintedScenes, type SceneSource } from './scenes.ts'

/** What is asked of the images on a canvas, from left to right. */
export type SeveralTask = 'pairs' | 'addition' | 'sequence'

/** Which images, on what. */
export type SeveralDigits = {
  readonly set: ImageSet
  readonly split: Setting['split']
  readonly task: SeveralTask
  /** Pixels along one side of the canvas, which is square; of a sequence, its width: it is as high as an image and a half. */
  readonly side: number
  /** The largest number of images of a sequence. */
  readonly most: number
  /** Seed of the canvases of validation and test, which never change. */
  readonly evaluationSeed: number
}

/** One image of a canvas: which of the set, and where its top-left corner lies, in pixels. */
type Placed = { readonly image: number; readonly x: number; readonly y: number }

/**
 * Item i shows image i of the set and, by chance, others. Pairs and sums: two images that do not overlap from left to
 * right. Sequences: 1 to `most` images in a row, with gaps by chance. Each task has a canvas of its own for every seed in training.
 * @throws RangeError where the images do not fit side by side.
 */
export function severalDigits(task: SeveralDigits): SceneSource {
  const { set, split, side, most, evaluationSeed } = task
  const { height, width, channels, indices, classNames } = set
  const sequence = task.task === 'sequence'
  const count = sequence ? most : 2
  if (side < count * width)
    throw new OptionError(
      `canvasSide ${side} given; ${count} images of ${set.name} side by side are ${count * width} pixels wide: give at least that`,
    )
  const classes = classNames.length
  const canvas = { height: sequence ? Math.ceil(1.5 * height) : side, width: side, channels }

  /** What is on the canvas, from left to right; the first draws of its stream. */
  function placed(item: number, rng: Rng): Placed[] {
    const shown = sequence ? 1 + rng.integer(most) : 2
    const own = rng.integer(shown)
    const images = Array.from({ length: shown }, (_, i) => indices[i === own ? item : rng.integer(indices.length)]!)
    // the room that is left is cut at random places into the gaps
    const cuts = images.map(() => rng.integer(side - shown * width + 1)).sort((a, b) => a - b)
    return images.map((image, i) => ({ image, x: cuts[i]! + i * width, y: rng.integer(canvas.height - height + 1) }))
  }

  const spaces: Record<SeveralTask, Space> = {
    pairs: new MultiDiscrete([classes, classes]),
    addition: new Discrete(2 * classes - 1),
    sequence: new MultiDiscrete(new Array(most + 1).fill(classes + 1)),
  }
  const source = paintedScenes({
    ...{ ...canvas, itemCount: indices.length, predictionSpace: spaces[task.task] },
    fixed: split === 'train' ? false : `${split} ${evaluationSeed}`,
    paint(item, rng, out, at) {
      for (const { image, x, y } of placed(item, rng)) {
        const { pixels, from } = pixelsOf(set, image)
        for (let row = 0; row < height; row++)
          for (let i = 0; i < width * channels; i++)
            out[at + ((y + row) * side + x) * channels + i] = pixels[from + row * width * channels + i]!
      }
    },
    answer(item, rng) {
      const labels = placed(item, rng).map(({ image }) => set.labels[image]!)
      if (task.task === 'addition') return labels[0]! + labels[1]!
      // of a sequence, all places behind the last image hold the end mark
      return sequence ? Array.from({ length: most + 1 }, (_, i) => labels[i] ?? classes) : labels
    },
  })
  return {
    ...source,
    get fingerprint() {
      return set.fingerprint // a getter: all images are read for it
    },
  }
}
