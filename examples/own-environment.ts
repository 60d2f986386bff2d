// A world of one's own: name the shape, disc, square or cross, that lies somewhere in a dim 32x32 field.
// The images are drawn here; `Classification` makes a world of looking out of any images with labels.
// Use it: import this file, then make('Shapes'); or train it: saccade train --import examples/own-environment.ts --environment Shapes

import { z } from 'zod'
import {
  Classification,
  classificationOptions,
  type ImageSet,
  Rng,
  registerEnvironment,
  type Split,
} from '../src/index.ts'

const side = 32
const radius = 5
const shapes = {
  disc: (x: number, y: number) => x * x + y * y <= radius * radius,
  square: (x: number, y: number) => Math.max(Math.abs(x), Math.abs(y)) <= radius,
  cross: (x: number, y: number) =>
    Math.min(Math.abs(x), Math.abs(y)) <= 1 && Math.max(Math.abs(x), Math.abs(y)) <= radius,
}
const classNames = Object.keys(shapes) as (keyof typeof shapes)[]

/** As many images as asked for, uint8 [N, side, side, 1]; the parts share none, since each draws from a stream of its own. */
function drawShapes(split: Split, count: number): ImageSet {
  const rng = Rng.of(1, 'shapes', split)
  const images = new Uint8Array(count * side * side)
  const labels = Uint8Array.from({ length: count }, () => rng.integer(classNames.length))
  for (let n = 0; n < count; n++) {
    const covers = shapes[classNames[labels[n]!]!]
    const centre = { x: radius + rng.integer(side - 2 * radius), y: radius + rng.integer(side - 2 * radius) }
    for (let i = 0; i < side * side; i++) {
      const inside = covers((i % side) - centre.x, Math.floor(i / side) - centre.y)
      images[n * side * side + i] = (inside ? 200 : 0) + rng.integer(56)
    }
  }
  const indices = Int32Array.from({ length: count }, (_, i) => i)
  return { name: 'Shapes', images, labels, height: side, width: side, channels: 1, classNames, indices }
}

registerEnvironment({
  id: 'Shapes',
  description: 'name the shape in a 32x32 field from 4 glimpses of 6x6 at 2 scales',
  options: classificationOptions({ glimpses: 4, glimpseSide: 6, scales: 2 }).extend({
    count: z.number().int().min(1).default(2000).describe('images per part'),
  }),
  create({ count, ...options }, setting) {
    return new Classification({
      ...setting,
      id: 'Shapes',
      set: drawShapes(setting.split, count),
      background: 28,
      options,
    })
  },
})
