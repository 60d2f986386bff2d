// The worlds of images, by name. Where the images come from is said by whoever registers them: files in Node, what it has
// fetched in a page.

import { z } from 'zod'
import { registerFrom } from '../../core/registry.ts'
import { type Recipe, registerEnvironment, type Split } from '../registry.ts'
import type { ImageSet } from '../vision/image-set.ts'
import { ActivePerception, activePerceptionOptions } from './active-perception.ts'
import { classification, classificationOptions, imageOptions, imageScenes } from './image-scenes.ts'
import { Perception, perceptionOptions } from './perception.ts'
import { findingSeveral, movingEye, searching } from './recipes.ts'
import { severalDigits } from './several-digits.ts'

/** Which images, and how they are read; each set takes what it knows. */
export type ImageRequest = {
  readonly data?: string
  readonly classes?: number
  readonly transpose?: boolean
  readonly channels?: number
  readonly side?: number
  readonly fit?: 'pad' | 'crop' | 'stretch'
  readonly background?: number
  readonly skipBroken?: boolean
}

/** One part of a set of images, `mnist` say, cut as asked. @throws UserError where it cannot be had. */
export type LoadImages = (
  name: string,
  request: ImageRequest,
  split: Split,
  cutting: { readonly splitSeed?: number; readonly validationShare?: number; readonly testShare?: number },
) => ImageSet

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

/** A digit that is turned or moved a little is the same digit; clothes lie more alike, and want to be seen as a whole. */
const families: readonly { name: string; dataset: string; thing: string; distortion: number; recipe: Recipe }[] = [
  {
    name: 'MNIST',
    dataset: 'mnist',
    thing: 'handwritten digit',
    distortion: 0.7,
    recipe: { training: { epochs: 90, weightDecay: 0.1 } },
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
      training: { epochs: 60, batchSize: 64, weightDecay: 0.1 },
    },
  },
]

const cifarOptions = {
  data: z
    .string()
    .default('')
    .describe('directory with the six binary files of CIFAR-10; empty for what `saccade data cifar10` has fetched'),
  splitSeed: splitSeedOption,
}

/** The moving eye's recipe for photographs: twice as many units. */
const photographs = {
  ...movingEye,
  environment: { ...movingEye.environment, mirror: true },
  agent: { ...movingEye.agent, whatUnits: 256, featureUnits: 256, hiddenUnits: 256 },
  training: { batchSize: 64, epochs: 20 },
} as const

/** Images looked at by the rules of ap_gym: to be named, or, a glimpse being shown, to say where it was taken. */
const movingTasks = [
  { id: 'MNIST-moves', dataset: 'mnist', thing: 'the handwritten digit in a 28x28 image' },
  { id: 'FashionMNIST-moves', dataset: 'fashion-mnist', thing: 'the piece of clothing in a 28x28 image' },
  { id: 'CIFAR10-moves', dataset: 'cifar10', thing: 'what is in a 32x32 photograph' },
  { id: 'MNISTLocate', dataset: 'mnist', thing: 'where in the image of a digit a glimpse was taken', locate: true },
] as const

/** Several digits on one canvas; the paper's retina for 100x100, and time to visit each. */
const severalTasks = [
  {
    id: 'MNISTPairs',
    task: 'pairs',
    description: 'name two digits on a 100x100 canvas, the left one first, from 10 glimpses of 12x12 at 4 scales',
    side: 100,
  },
  {
    id: 'MNISTAddition',
    task: 'addition',
    description: 'say the sum of two digits on a 100x100 canvas, from 10 glimpses of 12x12 at 4 scales',
    side: 100,
  },
  {
    id: 'MNISTSequence',
    task: 'sequence',
    description: 'name 1 to 4 digits in a row and the end behind them, from 10 glimpses of 12x12 at 4 scales',
    side: 140,
  },
] as const

const share = (of: string) => z.number().gt(0).lt(1).default(0.1).describe(of)

/** Make the worlds of images choosable by their names, with images from `load`. @throws UserError the second time. */
export function registerImageWorlds(load: LoadImages): void {
  const registration = registerFrom('built-in')
  registerFamilies(load)
  registerCifar10(load)
  registerMovingTasks(load)
  registerSeveralDigits(load)
  registerOwnImages(load)
  registration.done()
}

function registerFamilies(load: LoadImages): void {
  for (const { name, dataset, thing, distortion, recipe } of families) {
    registerEnvironment({
      id: name,
      description: `name the ${thing} in a 28x28 image from 6 glimpses of 8x8`,
      options: classificationOptions(plain).extend(idxOptions),
      recipe: { ...recipe, environment: { ...recipe.environment, distortion } },
      create({ data, classes, transpose, splitSeed, ...options }, setting) {
        const set = load(dataset, { data, classes, transpose }, setting.split, { splitSeed })
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
        const set = load(dataset, { data, classes, transpose }, setting.split, { splitSeed })
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
        const set = load(dataset, { data, classes, transpose }, setting.split, { splitSeed })
        const canvas = { side: canvasSide, clutter, pieceSide }
        return classification({ ...setting, id: `Cluttered${name}`, set, canvas, options })
      },
    })
  }
}

function registerCifar10(load: LoadImages): void {
  registerEnvironment({
    id: 'CIFAR10',
    description: 'name what is in a 32x32 photograph from 6 glimpses of 8x8 at 3 scales',
    options: classificationOptions(plain).extend(cifarOptions),
    recipe: {
      environment: { scales: 3, start: 'centre', reward: 'gain', mirror: true, distortion: 0.6 },
      agent: {
        ...searching.agent,
        glimpseInput: 'centred',
        glimpseGain: 4,
        whatFilters: 96,
        whatLayers: 1,
        whatUnits: 384,
        featureUnits: 384,
        hiddenUnits: 384,
        detach: 'heads',
      },
      algorithm: { ...searching.algorithm, std: 0.1 },
      training: { batchSize: 64, weightDecay: 0.1, epochs: 36 },
    },
    create({ data, splitSeed, ...options }, setting) {
      const set = load('cifar10', { data }, setting.split, { splitSeed })
      return classification({ ...setting, id: 'CIFAR10', set, options })
    },
  })
}

function registerMovingTasks(load: LoadImages): void {
  for (const { id, dataset, thing, ...rest } of movingTasks)
    registerEnvironment({
      id,
      description: `${'locate' in rest ? 'say' : 'name'} ${thing}, moving an eye of 5x5 by short steps (ap_gym)`,
      options: activePerceptionOptions.extend({
        ...imageOptions,
        data: dataset === 'cifar10' ? cifarOptions.data : idxOptions.data,
        splitSeed: splitSeedOption,
      }),
      recipe: dataset === 'cifar10' ? photographs : { ...movingEye, training: { epochs: 30 } },
      create({ data, splitSeed, distortion, mirror, evaluationSeed, ...options }, { split, batchSize }) {
        const set = load(dataset, { data }, split, { splitSeed })
        const source = imageScenes({ set, split, options: { distortion, mirror, evaluationSeed } })
        return new ActivePerception({ id, batchSize, source, options, locate: 'locate' in rest })
      },
    })
}

function registerSeveralDigits(load: LoadImages): void {
  for (const { id, task, description, side } of severalTasks)
    registerEnvironment({
      id,
      description,
      options: perceptionOptions({ glimpses: 10, glimpseSide: 12, scales: 4 }).extend({
        canvasSide: z
          .int()
          .min(1)
          .max(4096)
          .default(side)
          .describe('pixels along one side of the canvas, or its width'),
        ...(task === 'sequence' && {
          most: z.int().min(1).max(16).default(4).describe('the largest number of digits'),
        }),
        evaluationSeed: imageOptions.evaluationSeed,
        ...idxOptions,
      }),
      recipe: { ...findingSeveral, training: { epochs: 100 } },
      create({ data, classes, transpose, splitSeed, canvasSide, evaluationSeed, ...rest }, { split, batchSize }) {
        const { most = 4, ...options } = rest as typeof rest & { most?: number }
        const set = load('mnist', { data, classes, transpose }, split, { splitSeed })
        const source = severalDigits({ set, split, task, side: canvasSide, most, evaluationSeed })
        return new Perception({ id, batchSize, source, options })
      },
    })
}

function registerOwnImages(load: LoadImages): void {
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
      const request = { data, channels, side, fit, background, skipBroken }
      const set = load('images', request, setting.split, { validationShare, testShare, splitSeed })
      return classification({ ...setting, id: 'Images', set, background, options: task })
    },
  })
}
