// The built-in worlds that need no data. Importing this file registers them; it runs in a browser too.

import { z } from 'zod'
import { registerFrom } from '../../core/registry.ts'
import { registerEnvironment } from '../registry.ts'
import { ActivePerception, activePerceptionOptions } from './active-perception.ts'
import { Catch, catchOptions } from './catch.ts'
import { circleSquareScenes } from './circle-square.ts'
import { huntScenes } from './hunt.ts'
import { Perception, perceptionOptions } from './perception.ts'
import { ProbeWorld, probes } from './probes.ts'
import { findingSeveral, movingEye } from './recipes.ts'

const registration = registerFrom('built-in')

registerEnvironment({
  id: 'Catch',
  description: 'move a paddle under a falling ball on a 24x24 screen seen through a retina of 6x6 at 3 scales',
  options: catchOptions,
  recipe: {
    agent: {
      glimpseGain: 128, // a ball of one pixel is a faint spot in a coarse cell
      detach: 'locator', // whose noise, 1 / std, would drown what moves and wins have to tell the core
    },
    algorithm: {
      name: 'ppo',
      policyWeight: 1,
      baselineWeight: 10, // a win is rare at first, and its expectation is what moves are learned from
      normaliseAdvantages: true,
      lambda: 0.8,
      entropyWeight: 0.03, // with less entropy the moves settle before any is known to be good
    },
    training: { epochs: 60, batchSize: 256 },
  },
  create: (options, setting) => new Catch('Catch', options, setting),
})

registerEnvironment({
  id: 'CircleSquare',
  description: 'say whether a 28x28 image has a circle or a square, moving an eye of 5x5 by short steps (ap_gym)',
  options: activePerceptionOptions.extend({
    side: z.int().min(10).max(1024).default(28).describe('pixels along one side of the image (ap_gym: 28, 20, 15)'),
    extent: z.number().min(1).default(8).describe('pixels across the object'),
    gradient: z.boolean().default(true).describe('a background that grows brighter towards the object'),
  }),
  recipe: movingEye,
  create({ side, extent, gradient, ...options }, { batchSize }) {
    const source = circleSquareScenes({ side, extent, gradient })
    return new ActivePerception({ id: 'CircleSquare', batchSize, source, options })
  },
})

registerEnvironment({
  id: 'Hunt',
  description:
    'say which way the one T among 40 Ls stands, on a 1024x1024 canvas, from 16 glimpses of 12x12 at 7 scales',
  options: perceptionOptions({ glimpses: 16, glimpseSide: 12, scales: 7 }).extend({
    canvasSide: z.int().min(32).max(1_000_000).default(1024).describe('pixels along one side of the canvas'),
    distractors: z.int().min(0).max(100_000).default(40).describe('how many Ls there are'),
    letterSide: z.int().min(5).max(1000).default(10).describe('pixels along one side of a letter'),
    distractorLight: z
      .number()
      .gt(0)
      .max(1)
      .default(0.4)
      .describe('how light the Ls are, the T being 1: at 1, only the shape tells them apart'),
    nearStarts: z
      .number()
      .min(0)
      .max(1)
      .default(0)
      .describe(
        'share of the training episodes that begin near the T, within a window about it that is from a letter to the canvas wide, in equal measure at every size: a lesson from the end (Florensa et al. 2017)',
      ),
    count: z.int().min(1).default(20_000).describe('scenes an epoch, and a tenth of it in each other part'),
  }),
  recipe: {
    environment: { ...findingSeveral.environment, nearStarts: 0.7 },
    agent: { ...findingSeveral.agent, scaleGain: 2 }, // a letter is a faint spot in a coarse cell
    algorithm: { ...findingSeveral.algorithm, std: 0.05, finalStd: 0.01 }, // half a canvas is 1, a letter 0.02
    training: { epochs: 50 },
  },
  create(
    { canvasSide, distractors, letterSide, distractorLight, nearStarts, count, ...options },
    { split, batchSize },
  ) {
    const train = split === 'train'
    const source = huntScenes({
      ...{ side: canvasSide, distractors, letterSide, distractorLight, nearStarts: train ? nearStarts : 0 },
      ...{ itemCount: train ? count : Math.ceil(count / 10), fixed: train ? false : split },
    })
    return new Perception({ id: 'Hunt', batchSize, source, options })
  },
})

for (const probe of probes)
  registerEnvironment({
    id: probe.id,
    description: probe.description,
    options: z.strictObject({}),
    create: (_options, setting) => new ProbeWorld(probe, setting),
  })

registration.done()
