// Everything that comes built in, by name; here the worlds of images, which need data. Importing this file registers it.

import { z } from 'zod'
import './agent/builtin.ts'
import './algorithms/builtin.ts'
import { registerFrom } from './core/registry.ts'
import { loadSplit } from './datasets/store.ts'
import './env/worlds/builtin.ts'
import { type Recipe, registerEnvironment } from './env/registry.ts'
import { classification, classificationOptions } from './env/worlds/image-scenes.ts'

const registration = registerFrom('built-in')

const splitSeedOption = z.number().int().default(0).describe('seed of the draw that sets images apart for validation')

/** Of the worlds of MNIST and its kin. */
const idxOptions = {
  data: z
    .string()
    .default('')
    .describe(
      'directory with the four IDX files, plain or .gz; where it has several sets, with what the names of one begin with, as in DIR/emnist-letters; empty for the set that comes along',
    ),
  classes: z
    .number()
    .int()
    .min(0)
    .max(256)
    .default(0)
    .describe('how many classes the labels of your own files have; 0 for as many as are found'),
  transpose: z.boolean().default(false).describe("exchange rows and columns of your own files, as EMNIST's want"),
  splitSeed: splitSeedOption,
}

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
    options: classificationOptions(plain).extend(idxOptions),
    recipe: { ...recipe, environment: { ...recipe.environment, distortion } },
    create({ data, classes, transpose, splitSeed, ...options }, setting) {
      const set = loadSplit(dataset, { data, classes, transpose }, setting.split, { splitSeed })
      return classification({ ...setting, id: name, set, options })
    },
  })

  registerEnvironment({
    id: `Translated${name}`,
    description: `name the ${thing} at a random place of a 60x60 canvas from 8 glimpses of 12x12 at 3 scales`,
    options: classificationOptions(foveated).extend({
      canvasSide: canvasSideOption,
      ...idxOptions,
    }),
    recipe: { ...searching, environment: { ...searching.environment, distortion }, training: { epochs: 60 } },
    create({ data, classes, transpose, splitSeed, canvasSide, ...options }, setting) {
      const set = loadSplit(dataset, { data, classes, transpose }, setting.split, { splitSeed })
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
      ...idxOptions,
    }),
    recipe: { ...searching, training: { epochs: 140 } },
    create({ data, classes, transpose, splitSeed, canvasSide, clutter, ...options }, setting) {
      const set = loadSplit(dataset, { data, classes, transpose }, setting.split, { splitSeed })
      const canvas = { side: canvasSide, clutter, pieceSide }
      return classification({ ...setting, id: `Cluttered${name}`, set, canvas, options })
    },
  })
}

const share = (of: string) => z.number().gt(0).lt(1).default(0.1).describe(of)

registerEnvironment({
  id: 'Images',
  description: 'name the class of an image of your own, one folder of images per class',
  options: classificationOptions({ glimpses: 6, glimpseSide: 8, scales: 3 }).extend({
    data: z
      .string()
      .default('')
      .describe('directory with one folder per class, or with folders of that kind named train, and val or test'),
    channels: z
      .number()
      .int()
      .min(0)
      .max(3)
      .refine((channels) => channels !== 2, 'expected 0, 1 or 3')
      .default(0)
      .describe('1: grey, 3: RGB, 0: grey where every image is grey, else RGB'),
    side: z
      .number()
      .int()
      .min(0)
      .max(4096)
      .default(0)
      .describe(
        'pixels along each side that images are brought to; 0 keeps them as they are, or, where their sizes differ, brings them to the median width and height, at most 256',
      ),
    fit: z
      .enum(['pad', 'crop', 'stretch'])
      .default('pad')
      .describe(
        'how an image of another shape is brought to the size: kept whole on the background, cut to fill it, or stretched',
      ),
    background: z
      .number()
      .int()
      .min(0)
      .max(255)
      .default(0)
      .describe('byte seen outside the image and through what is transparent'),
    skipBroken: z
      .boolean()
      .default(false)
      .describe('go on where more than a tenth of the files, or all of a class, cannot be used'),
    validationShare: share('part of the images kept for validation, where the directory has none of its own'),
    testShare: share('part of the images kept for the test, where the directory has no test of its own'),
    splitSeed: splitSeedOption,
  }),
  create(options, setting) {
    const { data, channels, side, fit, background, skipBroken, validationShare, testShare, splitSeed, ...task } =
      options
    const load = { data, channels, side, fit, background, skipBroken }
    const set = loadSplit('images', load, setting.split, { validationShare, testShare, splitSeed })
    return classification({ ...setting, id: 'Images', set, background, options: task })
  },
})

registration.done()
