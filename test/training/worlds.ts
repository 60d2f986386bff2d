// Small worlds that the tests of training make up for themselves.

import '../../src/catalogue.ts'
import type { Rng } from '../../src/core/rng.ts'
import { registerEnvironment } from '../../src/env/registry.ts'
import { Box, Discrete, MultiDiscrete, type Space } from '../../src/env/spaces.ts'
import { Perception, perceptionOptions } from '../../src/env/worlds/perception.ts'
import { paintedScenes } from '../../src/env/worlds/scenes.ts'

/** Four vertical stripes of 6x6 pixels, all of which the first glimpse shows, each as bright as one number of the answer says. */
function stripes(id: string, space: Space, itemCount = 200): void {
  const options = perceptionOptions({ glimpses: 2, glimpseSide: 6, scales: 1 })
  registerEnvironment({
    id,
    description: 'say how bright the stripes are',
    options,
    create(options, { split, batchSize }) {
      const answer = (_item: number, rng: Rng): ArrayLike<number> => space.sample(rng)
      const ns = space.kind === 'box' ? [] : space.kind === 'discrete' ? [space.n] : space.ns
      const brightness = (value: number, i: number): number =>
        space.kind === 'box' ? (value - space.low) / (space.high - space.low) : (value + 1) / (ns[i]! + 1)
      const source = paintedScenes({
        ...{ height: 6, width: 6, channels: 1, itemCount, predictionSpace: space, pixels: 'float' },
        fixed: split === 'train' ? false : split,
        answer,
        paint(item, rng, out, at) {
          const values = answer(item, rng)
          for (let i = 0; i < 36; i++) {
            const stripe = (i % 6) % space.size
            out[at + i] = brightness(values[stripe]!, stripe)
          }
        },
      })
      return new Perception({ id, batchSize, source, options: { ...options, start: 'centre' } })
    },
  })
}

stripes('test/shades', new Discrete(3))
stripes('test/pair-of-shades', new MultiDiscrete([2, 3]))
stripes('test/two-lights', new Box(-1, 1, [2]))
stripes('test/one-light', new Box(0, 6, [1]))
stripes('test/nothing-to-choose', new Discrete(1), 1)
