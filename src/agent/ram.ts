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
import { sizeOf, stopGradient, type Tensors } from '../tensors.ts'
import type { Agent, Sight, Thought } from './agent.ts'
import {
  constant,
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
  const parameters = ramParameters(options, world)
  const pixels = sizeOf(world.glimpseShape)

  /** The glimpse in a row, [B, S*G*G*C]. */
  function lightOf({ glimpse }: Sight): Tensor2D {
    const row = reshape(glimpse, [-1, pixels]) as Tensor2D
    return options.glimpseGain === 1 ? row : mul(row, scalar(options.glimpseGain))
  }

  /** What and where, joined: ReLU(Lin(h_g) + Lin(h_l)), [B, featureUnits]. */
  function features(p: Tensors, light: Tensor2D, location: Tensor): Tensor {
    let what = light
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
    const frozen = stopGradient(hidden)
    const toLocator = detach === 'none' ? hidden : frozen
    const toHeads = detach === 'heads' ? frozen : hidden
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
function ramParameters(options: RamOptions, world: World): Parameter[] {
  const { whatUnits, whereUnits, featureUnits, hiddenUnits, locatorUnits } = options
  const pixels = sizeOf(world.glimpseShape)
  const starts: Record<RamOptions['recurrentStart'], Initialiser> = {
    uniform: uniformFan(hiddenUnits),
    identity,
    orthogonal,
  }
  const coreParameters = options.core === 'lstm' ? lstmParameters : rnnParameters
  return [
    ...Array.from({ length: options.whatLayers }, (_, layer) =>
      denseParameters(whatName(layer), layer === 0 ? pixels : whatUnits, whatUnits),
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

/** The stop head: at first it stops with about 1 in 20, so that there are whole episodes to learn from. */
function stopParameters(hiddenUnits: number): Parameter[] {
  return [
    { name: 'stop.kernel', shape: [hiddenUnits, 1], start: uniformFan(hiddenUnits) },
    { name: 'stop.bias', shape: [1], start: constant(-3) },
  ]
}

const whatName = (layer: number): string => (layer === 0 ? 'glimpse.what' : `glimpse.what${layer + 1}`)
