// Everything that comes built in, by name; here the worlds of images, which need data. Importing this file registers it.

import { z } from 'zod'
import './agent/builtin.ts'
import './algorithms/builtin.ts'
import { registerFrom } from './core/registry.ts'
import { selectSplit } from './datasets/dataset.ts'
import { loadDataset } from './datasets/store.ts'
import './env/worlds/builtin.ts'
import { type Recipe, registerEnvironment } from './env/registry.ts'
import { classification, classificationOptions } from './env/worlds/image-scenes.ts'

const registration = registerFrom('built-in')

const idxOption = z
  .string()
  .default('')
  .describe('directory with the four IDX files, plain or .gz; empty for the set that comes along')

const splitSeedOption = z
  .number()
  .int()
  .default(0)
  .describe('seed of the shuffle that sets images apart for validation')

const canvasSideOption = z
  .number()
  .int()
  .min(1)
  .default(60)
  .describe('pixels along one side of the canvas (paper: 60 or 100)')

const clutterOption = z
  .number()
  .int()
  .min(0)
  .default(4)
  .describe('8x8 pieces of other images on the canvas (paper: 4 on 60x60, 8 on 100x100)')

const pieceSide = 8

/** The paper's retinas: of the plain images, and of the canvases. */
const plain = { glimpses: 6, glimpseSide: 8, scales: 1 }
const foveated = { glimpses: 8, glimpseSide: 12, scales: 3 }

/**
 * What works where the eye must first find what it is to name: a locator that sees for itself and says how far to move; a
 * reward for every look that made the right class likelier, soon forgotten; wide looks at first, ever narrower ones later.
 */
const searching = {
  environment: { reward: 'gain' },
  agent: {
    locatorSees: true,
    locationMode: 'relative',
    recurrentStart: 'identity',
    detach: 'none',
    whatUnits: 256,
    whatLayers: 2,
  },
  algorithm: { supervision: 'rising', std: 0.3, finalStd: 0.03, discount: 0.7 },
} as const

/** A digit that is turned or moved a little is the same digit; clothes lie more alike, and want to be seen as a whole. */
const families: readonly { name: string; dataset: string; thing: string; distortion: number; recipe: Recipe }[] = [
  {
    name: 'MNIST',
    dataset: 'mnist',
    thing: 'handwritten digit',
    distortion: 0.7,
    recipe: { training: { epochs: 90 } },
  },
  {
    name: 'FashionMNIST',
    dataset: 'fashion-mnist',
    thing: 'piece of clothing',
    distortion: 0.5,
    recipe: {
      environment: { ...searching.environment, glimpseSide: 14, scales: 2, start: 'centre', mirror: true },
      agent: { ...searching.agent, whatFilters: 64, whatLayers: 1, detach: 'heads' },
      algorithm: { ...searching.algorithm, std: 0.1 },
      training: { epochs: 60, batchSize: 64 },
    },
  },
]

for (const { name, dataset, thing, distortion, recipe } of families) {
  registerEnvironment({
    id: name,
    description: `name the ${thing} in a 28x28 image from 6 glimpses of 8x8`,
    options: classificationOptions(plain).extend({ data: idxOption, splitSeed: splitSeedOption }),
    recipe: { ...recipe, environment: { ...recipe.environment, distortion } },
    create({ data, splitSeed, ...options }, setting) {
      const set = selectSplit(loadDataset(dataset, { data }), setting.split, { splitSeed })
      return classification({ ...setting, id: name, set, options })
    },
  })

  registerEnvironment({
    id: `Translated${name}`,
    description: `name the ${thing} at a random place of a 60x60 canvas from 8 glimpses of 12x12 at 3 scales`,
    options: classificationOptions(foveated).extend({
      canvasSide: canvasSideOption,
      data: idxOption,
      splitSeed: splitSeedOption,
    }),
    recipe: { ...searching, environment: { ...searching.environment, distortion }, training: { epochs: 60 } },
    create({ data, splitSeed, canvasSide, ...options }, setting) {
      const set = selectSplit(loadDataset(dataset, { data }), setting.split, { splitSeed })
      const canvas = { side: canvasSide, clutter: 0, pieceSide }
      return classification({ ...setting, id: `Translated${name}`, set, canvas, options })
    },
  })

  registerEnvironment({
    id: `Cluttered${name}`,
    description: `as Translated${name}, among 4 pieces of other images`,
    options: classificationOptions(foveated).extend({
      canvasSide: canvasSideOption,
      clutter: clutterOption,
      data: idxOption,
      splitSeed: splitSeedOption,
    }),
    recipe: { ...searching, training: { epochs: 140 } },
    create({ data, splitSeed, canvasSide, clutter, ...options }, setting) {
      const set = selectSplit(loadDataset(dataset, { data }), setting.split, { splitSeed })
      const canvas = { side: canvasSide, clutter, pieceSide }
      return classification({ ...setting, id: `Cluttered${name}`, set, canvas, options })
    },
  })
}

const share = (of: string) => z.number().gt(0).lt(1).default(0.1).describe(of)

registerEnvironment({
  id: 'Images',
  description: 'name the class of an image of your own, one folder of PNG or JPEG files per class',
  options: classificationOptions({ glimpses: 6, glimpseSide: 8, scales: 3 }).extend({
    data: z.string().default('').describe('directory with one folder per class, or with train and test of that kind'),
    channels: z
      .number()
      .int()
      .min(1)
      .max(3)
      .refine((channels) => channels !== 2, 'expected 1 or 3')
      .default(1)
      .describe('1: grey, 3: RGB'),
    side: z
      .number()
      .int()
      .min(0)
      .default(0)
      .describe('pixels along one side after resizing by area averaging; 0 keeps the images as they are'),
    background: z.number().int().min(0).max(255).default(0).describe('byte seen outside the image'),
    skipBroken: z.boolean().default(false).describe('leave out files that cannot be used instead of failing'),
    validationShare: share('part of the images kept for validation'),
    testShare: share('part of the images kept for the test, where the directory has no test of its own'),
    splitSeed: splitSeedOption,
  }),
  create({ data, channels, side, skipBroken, background, validationShare, testShare, splitSeed, ...options }, setting) {
    const dataset = loadDataset('images', { data, channels, side, skipBroken })
    const set = selectSplit(dataset, setting.split, { validationShare, testShare, splitSeed })
    return classification({ ...setting, id: 'Images', set, background, options })
  },
})

registration.done()
