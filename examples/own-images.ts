// Images of one's own, made as they are needed: name the shape, disc, square or cross, that lies somewhere in a dim 32x32
// field. `paintedScenes` asks for one scene at a time; `Perception` makes a world of looking out of them.
//   npm run train -- --import ./examples/own-images.ts --environment Shapes --quick

import { Discrete, Perception, paintedScenes, perceptionOptions, type Rng, registerEnvironment, z } from 'saccade'

const side = 32
const radius = 5
const shapes = {
  disc: (x: number, y: number) => x * x + y * y <= radius * radius,
  square: (x: number, y: number) => Math.max(Math.abs(x), Math.abs(y)) <= radius,
  cross: (x: number, y: number) =>
    Math.min(Math.abs(x), Math.abs(y)) <= 1 && Math.max(Math.abs(x), Math.abs(y)) <= radius,
}
const classNames = Object.keys(shapes) as (keyof typeof shapes)[]

/** The first draw of a scene's stream is its class. */
const classOf = (rng: Rng): number => rng.integer(classNames.length)

registerEnvironment({
  id: 'Shapes',
  description: 'name the shape in a 32x32 field from 4 glimpses of 6x6 at 2 scales',
  options: perceptionOptions({ glimpses: 4, glimpseSide: 6, scales: 2 }).extend({
    count: z.number().int().min(1).default(2000).describe('scenes an epoch, and in each other part'),
  }),
  create({ count, ...options }, { split, batchSize }) {
    const source = paintedScenes({
      ...{ height: side, width: side, channels: 1, background: 28, itemCount: count, classNames },
      predictionSpace: new Discrete(classNames.length),
      // training scenes are new in every epoch; the others are always the same, and none is one of training
      fixed: split === 'train' ? false : split,
      paint(_item, rng, out, at) {
        const covers = shapes[classNames[classOf(rng)]!]
        const centre = { x: radius + rng.integer(side - 2 * radius), y: radius + rng.integer(side - 2 * radius) }
        for (let i = 0; i < side * side; i++) {
          const inside = covers((i % side) - centre.x, Math.floor(i / side) - centre.y)
          out[at + i] = (inside ? 200 : 0) + rng.integer(56)
        }
      },
      answer: (_item, rng) => classOf(rng),
    })
    return new Perception({ id: 'Shapes', batchSize, source, options })
  },
})
