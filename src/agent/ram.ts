// The Recurrent Attention Model (Mnih, Heess, Graves, Kavukcuoglu, NIPS 2014): glimpse network, recurrent core, location,
// choice and baseline networks; and the options in which ours departs from the paper.

import {
  add,
  matMul,
  mul,
  relu,
  reshape,
  scalar,
  type Tensor,
  type Tensor1D,
  type Tensor2D,
  tanh,
} from '@tensorflow/tfjs-core'
import { z } from 'zod'
import { sizeOf, stopGradient, type Tensors } from '../core/tensors.ts'
import type { Agent, Sight, Thought } from './agent.ts'
import {
  constant,
  convolutionParameters,
  convolveRelu,
  dense,
  denseParameters,
  denseRelu,
  type Initialiser,
  identity,
  initialise,
  lstmParameters,
  lstmStep,
  orthogonal,
  type Parameter,
  rnnParameters,
  rnnStep,
  tensor,
  uniformFan,
} from './networks.ts'
import type { AgentDefinition, World } from './registry.ts'

const units = () => z.int().min(1).max(4096)

/** The architecture's sizes and choices; the paper's values are the defaults but where the description says so. */
export const ramOptions = z.strictObject({
  glimpseGain: z
    .number()
    .positive()
    .max(1000)
    .default(1)
    .describe('what glimpses are multiplied by before anything else; more than 1 where little light falls into them'),
  whatFilters: z
    .int()
    .min(0)
    .max(1024)
    .default(0)
    .describe(
      'filters of a convolution over each scale of the glimpse, 4x4 and 2 apart, and twice as many in a second one where the glimpse is wide enough; 0 for none (the paper)',
    ),
  whatUnits: units().default(128).describe('units that see the glimpse (h_g in the paper)'),
  whatLayers: z
    .int()
    .min(1)
    .max(8)
    .default(1)
    .describe('ReLU layers of whatUnits between glimpse and features; the paper has 1'),
  whereUnits: units().default(128).describe('units that see its location (h_l in the paper)'),
  featureUnits: units().default(256).describe('units that join both (g in the paper)'),
  hiddenUnits: units().default(256).describe('units of the recurrent core (h in the paper)'),
  core: z.enum(['rnn', 'lstm']).default('rnn').describe('ReLU core as for images in the paper, or LSTM as for Catch'),
  recurrentStart: z
    .enum(['uniform', 'identity', 'orthogonal'])
    .default('uniform')
    .describe("how the core's recurrent matrix starts (the paper does not say)"),
  locatorUnits: z
    .int()
    .min(0)
    .max(4096)
    .default(128)
    .describe('hidden ReLU units of the location network; 0 for the linear one of the paper'),
  locatorSees: z
    .boolean()
    .default(false)
    .describe(
      'let the location network see the glimpse too, through weights of its own; the paper shows it the core alone',
    ),
  gaze: z
    .enum(['absolute', 'relative'])
    .default('absolute')
    .describe('what the location network says: a place in the image (the paper), or a move from the present one'),
  tanhMean: z
    .boolean()
    .default(true)
    .describe("bound the location's mean by tanh, so that the eye cannot leave the image; the paper does not"),
  gazeRange: z
    .number()
    .positive()
    .max(1)
    .default(1)
    .describe('how far from the centre the mean may look, in location units; 1 is the border'),
  detach: z
    .enum(['heads', 'locator', 'none'])
    .default('heads')
    .describe(
      "whose gradients stay out of the core: those of the location and baseline networks, so that it learns from the choice alone; the location network's; or nobody's (the paper)",
    ),
})

/** @see ramOptions */
export type RamOptions = z.infer<typeof ramOptions>

/** Build the agent for a world. */
export function createRam(options: RamOptions, world: World): Agent {
  const { core, hiddenUnits, featureUnits, detach } = options
  const convolutions = convolutionsOf(options, world)
  const parameters = ramParameters(options, world, convolutions)
  const pixels = sizeOf(world.glimpseShape)

  /** The glimpse in a row, [B, S*G*G*C]. */
  function lightOf({ glimpse }: Sight): Tensor2D {
    const row = reshape(glimpse, [-1, pixels]) as Tensor2D
    return options.glimpseGain === 1 ? row : mul(row, scalar(options.glimpseGain))
  }

  /** What the convolutions make of every scale, in a row: [B, S*G*G*C] -> [B, whatInputs]. */
  function filtered(p: Tensors, light: Tensor2D): Tensor2D {
    let image: Tensor = reshape(light, [-1, ...world.glimpseShape.slice(1)])
    for (const { name } of convolutions) image = convolveRelu(p, name, image, filterSide, filterSide / 2)
    return reshape(image, [-1, whatInputs(convolutions, world)]) as Tensor2D
  }

  /** What and where, joined: ReLU(Lin(h_g) + Lin(h_l)), [B, featureUnits]. */
  function features(p: Tensors, light: Tensor2D, location: Tensor): Tensor {
    let what = convolutions.length > 0 ? filtered(p, light) : light
    for (let layer = 0; layer < options.whatLayers; layer++) what = denseRelu(p, whatName(layer), what)
    const where = denseRelu(p, 'glimpse.where', location)
    return relu(add(dense(p, 'glimpse.fromWhat', what), dense(p, 'glimpse.fromWhere', where)))
  }

  /** Where to look next, from what the core thinks and, if it may see it, from the glimpse itself: [B, 2]. */
  function nextLocation(p: Tensors, light: Tensor2D, location: Tensor, watched: Tensor): Tensor2D {
    const { locatorUnits, locatorSees, tanhMean, gazeRange, gaze } = options
    const joined = (name: string): Tensor => {
      const thought = dense(p, name, watched)
      return locatorSees ? add(thought, matMul(light, tensor(p, 'location.sight.kernel'))) : thought
    }
    const free = locatorUnits > 0 ? dense(p, 'location.mean', relu(joined('location.hidden'))) : joined('location.mean')
    const bounded = tanhMean ? tanh(free) : free
    const ranged = gazeRange === 1 ? bounded : mul(bounded, scalar(gazeRange))
    return (gaze === 'relative' ? add(location, ranged) : ranged) as Tensor2D
  }

  function step(p: Tensors, sight: Sight, state: Tensors): Thought {
    const light = lightOf(sight)
    const seen = features(p, light, sight.location)
    const next: Tensors =
      core === 'lstm' ? lstmStep(p, seen, state.hidden!, state.cell!) : { hidden: rnnStep(p, seen, state.hidden!) }
    const hidden = next.hidden!
    const toLocator = detach === 'none' ? hidden : stopGradient(hidden)
    const toHeads = detach === 'heads' ? toLocator : hidden
    const flat = (name: string): Tensor1D => reshape(dense(p, name, toHeads), [-1])
    return {
      locationMean: nextLocation(p, light, sight.location, toLocator), // [B, 2]
      choiceLogits: dense(p, 'choice', hidden), // [B, K]
      value: flat('baseline'), // [B]
      ...(world.stop && { stopLogit: flat('stop') }), // [B]
      state: next,
    }
  }

  return {
    description: `ram ${core} ${hiddenUnits}, features ${featureUnits}, glimpse [${world.glimpseShape}], ${world.choiceCount} choices`,
    layout: parameters.map(({ name, shape }) => ({ name, shape })),
    state: { hidden: [hiddenUnits], ...(core === 'lstm' && { cell: [hiddenUnits] }) },
    init: (rng) => initialise(parameters, rng),
    step,
  }
}

/** The Recurrent Attention Model, to be chosen by name. */
export const ram: AgentDefinition<typeof ramOptions> = {
  name: 'ram',
  description: 'the Recurrent Attention Model: glimpse network, recurrent core, location, choice and baseline networks',
  options: ramOptions,
  create: createRam,
}

/** Every parameter of the agent, in the order of its layout. */
function ramParameters(options: RamOptions, world: World, convolutions: readonly Convolution[]): Parameter[] {
  const { whatUnits, whereUnits, featureUnits, hiddenUnits, locatorUnits } = options
  const pixels = sizeOf(world.glimpseShape)
  const inputs = whatInputs(convolutions, world)
  const starts: Record<RamOptions['recurrentStart'], Initialiser> = {
    uniform: uniformFan(hiddenUnits),
    identity,
    orthogonal,
  }
  const coreParameters = options.core === 'lstm' ? lstmParameters : rnnParameters
  return [
    ...convolutions.flatMap(({ name, channels, filters }) =>
      convolutionParameters(name, filterSide, channels, filters),
    ),
    ...Array.from({ length: options.whatLayers }, (_, layer) =>
      denseParameters(whatName(layer), layer === 0 ? inputs : whatUnits, whatUnits),
    ).flat(),
    ...denseParameters('glimpse.where', 2, whereUnits),
    ...denseParameters('glimpse.fromWhat', whatUnits, featureUnits),
    ...denseParameters('glimpse.fromWhere', whereUnits, featureUnits),
    ...coreParameters(featureUnits, hiddenUnits, starts[options.recurrentStart]),
    ...(locatorUnits > 0 ? denseParameters('location.hidden', hiddenUnits, locatorUnits) : []),
    ...denseParameters('location.mean', locatorUnits || hiddenUnits, 2),
    ...(options.locatorSees
      ? [{ name: 'location.sight.kernel', shape: [pixels, locatorUnits || 2], start: uniformFan(pixels) }]
      : []),
    ...denseParameters('choice', hiddenUnits, world.choiceCount),
    ...denseParameters('baseline', hiddenUnits, 1),
    ...(world.stop ? stopParameters(hiddenUnits) : []),
  ]
}

type Convolution = { readonly name: string; readonly channels: number; readonly filters: number; readonly side: number }

/** Pixels; filters stand half of it apart. */
const filterSide = 4

/**
 * The convolutions over one scale of a glimpse, with the side of the image that each leaves: two, or one where no second fits.
 * @throws RangeError where not even one does.
 */
function convolutionsOf({ whatFilters }: RamOptions, world: World): Convolution[] {
  const found: Convolution[] = []
  if (whatFilters > 0 && world.glimpseShape[1]! < filterSide)
    throw new RangeError(
      `agent ram: whatFilters ${whatFilters} on a glimpse of side ${world.glimpseShape[1]} given; filters are ${filterSide} wide: add --glimpse-side ${filterSide} or more, or --what-filters 0`,
    )
  let [, side, , channels] = world.glimpseShape as [number, number, number, number]
  for (let layer = 0; whatFilters > 0 && layer < 2 && side >= filterSide; layer++) {
    const filters = whatFilters << layer
    side = Math.floor(side / 2) - 1
    found.push({ name: `glimpse.filters${layer + 1}`, channels, filters, side })
    channels = filters
  }
  return found
}

/** How many numbers the first layer of what units sees: those of the last convolution, or the glimpse's own. */
function whatInputs(convolutions: readonly Convolution[], world: World): number {
  const last = convolutions.at(-1)
  return last ? world.glimpseShape[0]! * last.side ** 2 * last.filters : sizeOf(world.glimpseShape)
}

/** The stop head: at first it stops with about 1 in 20, so that there are whole episodes to learn from. */
function stopParameters(hiddenUnits: number): Parameter[] {
  return [
    { name: 'stop.kernel', shape: [hiddenUnits, 1], start: uniformFan(hiddenUnits) },
    { name: 'stop.bias', shape: [1], start: constant(-3) },
  ]
}

const whatName = (layer: number): string => (layer === 0 ? 'glimpse.what' : `glimpse.what${layer + 1}`)
