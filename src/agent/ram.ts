// The Recurrent Attention Model (Mnih, Heess, Graves, Kavukcuoglu, NIPS 2014): glimpse network, recurrent core, location,
// action, prediction and baseline networks; and the options in which ours departs from the paper.

import {
  add,
  div,
  matMul,
  mean,
  mul,
  onesLike,
  relu,
  reshape,
  scalar,
  sqrt,
  square,
  sub,
  type Tensor,
  type Tensor1D,
  type Tensor2D,
  tanh,
  tensor1d,
} from '@tensorflow/tfjs-core'
import { z } from 'zod'
import { OptionError } from '../core/errors.ts'
import { sizeOf, stopGradient, type Tensors } from '../core/tensors.ts'
import type { Agent, AgentOutput, ObservationTensors } from './agent.ts'
import { type Core, coreNames, cores } from './cores.ts'
import { type HeadSpec, headOf } from './heads.ts'
import {
  convolutionParameters,
  convolveRelu,
  dense,
  denseParameters,
  denseRelu,
  type Initialiser,
  identity,
  initialise,
  orthogonal,
  type Parameter,
  tensor,
  uniformFan,
} from './networks.ts'
import type { AgentDefinition, World } from './registry.ts'

const units = () => z.int().min(1).max(4096)

/** The architecture's sizes and choices; the paper's values are the defaults but where the description says so. */
export const ramOptions = z.strictObject({
  glimpseInput: z
    .enum(['raw', 'centred', 'standardised'])
    .default('raw')
    .describe(
      'raw: glimpses as they are (the paper); centred: minus the mean of each scale; standardised: that, divided by its standard deviation, for images of low contrast',
    ),
  glimpseGain: z
    .number()
    .positive()
    .max(1000)
    .default(1)
    .describe('factor on the glimpses after that; above 1 for images of low contrast'),
  scaleGain: z
    .number()
    .positive()
    .max(1000)
    .default(1)
    .describe(
      'factor on each scale over the next finer one; above 1 where what is small is searched for on a large canvas, for wide cells dilute its light',
    ),
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
    .describe('ReLU layers of --what-units between glimpse and features; the paper has 1'),
  whereUnits: units()
    .default(128)
    .describe(
      'units that see its location (h_l in the paper), and as many for any further observation, but for one with the shape of a glimpse, which the what units see',
    ),
  featureUnits: units().default(256).describe('units that join both (g in the paper)'),
  hiddenUnits: units().default(256).describe('units of the recurrent core (h in the paper)'),
  core: z
    .enum(coreNames)
    .default('rnn')
    .describe(
      'ReLU core as for images in the paper, LSTM as for Catch, two layers of LSTM of which the upper one looks (DRAM, Ba et al. 2015), or attention over all glimpses seen so far',
    ),
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
      'give the location network the glimpse too, through weights of its own; in the paper it gets the output of the core alone',
    ),
  locationMode: z
    .enum(['absolute', 'relative'])
    .default('absolute')
    .describe(
      'what the location network puts out. absolute: the action itself (the paper: a place); relative: a move from the present place',
    ),
  tanhMean: z
    .boolean()
    .default(true)
    .describe("bound the location's mean by tanh, so that the eye cannot leave the image; the paper does not"),
  locationRange: z
    .number()
    .positive()
    .max(1)
    .default(1)
    .describe('how far from the middle the mean may be, 1 being the border (of the image, or of the largest move)'),
  detach: z
    .enum(['heads', 'locator', 'none'])
    .default('heads')
    .describe(
      "which gradients do not reach the core. heads: those of the location, stop and baseline networks, so that it learns from predictions and other actions alone; locator: the location network's; none: all reach it (the paper). Of a dram core, whose upper layer is theirs, both say that nothing reaches the lower one",
    ),
})

/** @see ramOptions */
export type RamOptions = z.infer<typeof ramOptions>

/** Build the agent for a world. @throws RangeError where the options do not fit the world. */
export function createRam(options: RamOptions, world: World): Agent {
  const { detach } = options
  checkLocation(options, world)
  const convolutions = convolutionsOf(options, world)
  const core = coreOf(options, world)
  const parameters = ramParameters(options, world, convolutions, core)
  const further = furtherOf(world)
  const contextSize = contextOf(world)
  const state = { ...core.state, ...(contextSize > 0 && { begun: [1] }) }

  /** What the context network makes of the whole image in the first step of an episode, and zeros later: [B, H]. */
  function contextStart(p: Tensors, { context }: ObservationTensors, begun: Tensor): Tensor {
    const seen = denseRelu(p, 'context.what', reshape(context!, [-1, contextSize]))
    return mul(tanh(dense(p, 'context.start', seen)), sub(scalar(1), begun))
  }

  /** What the glimpse network sees in a glimpse, or in what looks like one: [B, whatUnits]. */
  function seenIn(p: Tensors, pixels: Tensor2D): Tensor2D {
    const filtering = convolutions.length > 0 ? filtered(p, pixels, convolutions, world) : pixels
    return Array.from({ length: options.whatLayers }).reduce<Tensor2D>(
      (what, _, layer) => denseRelu(p, whatName(layer), what),
      filtering,
    )
  }

  /**
   * What and where (and whatever else is observed), joined: ReLU(Lin(h_g) + Lin(h_l)), [B, featureUnits]. Another glimpse,
   * one that is to be found say, is seen by the same weights, and beside the glimpse: by itself, and by what both have in common.
   */
  function features(p: Tensors, pixels: Tensor2D, observation: ObservationTensors): Tensor {
    const what = seenIn(p, pixels)
    const where = denseRelu(p, 'glimpse.where', observation.location)
    let joined: Tensor = add(dense(p, 'glimpse.fromWhat', what), dense(p, 'glimpse.fromWhere', where))
    for (const { name, size, alike } of further) {
      const seen = alike
        ? seenIn(p, glimpsePixels(options, world, observation[name]!))
        : denseRelu(p, `observation.${name}`, reshape(observation[name]!, [-1, size]))
      joined = add(joined, dense(p, `glimpse.from.${name}`, seen))
      if (alike) joined = add(joined, dense(p, `glimpse.common.${name}`, mul(what, seen)))
    }
    return relu(joined)
  }

  function step(p: Tensors, observation: ObservationTensors, state: Tensors): AgentOutput {
    const pixels = glimpsePixels(options, world, observation.glimpse)
    const context = contextSize > 0 ? contextStart(p, observation, state.begun!) : undefined
    const { hidden, gazing, state: next } = core.step(p, features(p, pixels, observation), state, context)
    const ahead = gazing ?? hidden
    const toLocator = detach === 'none' || gazing ? ahead : stopGradient(ahead)
    const toHeads = detach === 'heads' ? toLocator : ahead
    const head = ({ name, space }: HeadSpec): Tensor =>
      name === 'location'
        ? locationMean(p, options, space, pixels, observation.location, toLocator)
        : dense(p, name, name === 'stop' ? toHeads : hidden)
    return {
      heads: Object.fromEntries(world.heads.map((spec) => [spec.name, head(spec)])), // [B, n] each
      value: reshape(dense(p, 'baseline', toHeads), [-1]) as Tensor1D, // [B]
      state: contextSize > 0 ? { ...next, begun: onesLike(state.begun!) } : next,
    }
  }

  return {
    description: describe(options, world),
    layout: parameters.map(({ name, shape }) => ({ name, shape })),
    state,
    init: (seed) => initialise(parameters, seed),
    step,
  }
}

/** The Recurrent Attention Model, to be chosen by name. */
export const ram: AgentDefinition<typeof ramOptions> = {
  name: 'ram',
  description:
    'the Recurrent Attention Model: glimpse network, recurrent core, location, action, prediction and baseline networks',
  options: ramOptions,
  create: createRam,
}

/** The glimpse in a row, normalised as the options say: [B, S, G, G, C] -> [B, S*G*G*C]. */
function glimpsePixels({ glimpseInput, glimpseGain, scaleGain }: RamOptions, world: World, glimpse: Tensor): Tensor2D {
  const { glimpse: shape } = world.observation
  const size = sizeOf(shape)
  let pixels: Tensor = reshape(glimpse, [-1, size])
  if (glimpseInput !== 'raw') {
    const scales = reshape(glimpse, [-1, shape[0]!, size / shape[0]!])
    const centred = sub(scales, mean(scales, -1, true))
    const deviation = add(sqrt(mean(square(centred), -1, true)), faintest)
    pixels = reshape(glimpseInput === 'standardised' ? div(centred, deviation) : centred, [-1, size])
  }
  if (scaleGain === 1) return (glimpseGain === 1 ? pixels : mul(pixels, scalar(glimpseGain))) as Tensor2D
  const gains = Float32Array.from(
    { length: size },
    (_, i) => glimpseGain * scaleGain ** Math.floor((i * shape[0]!) / size),
  )
  return mul(pixels, tensor1d(gains))
}

/** A contrast of this size is not made larger: half a grey level. */
const faintest = 0.5 / 255

/** What the convolutions make of every scale, in a row: [B, S*G*G*C] -> [B, whatInputs]. */
function filtered(p: Tensors, pixels: Tensor2D, convolutions: readonly Convolution[], world: World): Tensor2D {
  let image: Tensor = reshape(pixels, [-1, ...world.observation.glimpse.slice(1)])
  for (const { name } of convolutions) image = convolveRelu(p, name, image, filterSide, filterSide / 2)
  return reshape(image, [-1, whatInputs(convolutions, world)]) as Tensor2D
}

/** The mean of the next location, from what the core remembers and, if it may see it, from the glimpse itself: [B, D]. */
function locationMean(
  p: Tensors,
  options: RamOptions,
  space: HeadSpec['space'],
  pixels: Tensor2D,
  location: Tensor,
  remembered: Tensor,
): Tensor {
  const { locatorUnits, locatorSees, tanhMean, locationRange, locationMode } = options
  const joined = (name: string): Tensor => {
    const told = dense(p, name, remembered)
    return locatorSees ? add(told, matMul(pixels, tensor(p, 'location.sight.kernel'))) : told
  }
  const free = locatorUnits > 0 ? dense(p, 'location.mean', relu(joined('location.hidden'))) : joined('location.mean')
  const bounded = tanhMean ? tanh(free) : free
  const half = space.kind === 'box' ? (space.high - space.low) / 2 : 1
  const ranged = locationRange * half === 1 ? bounded : mul(bounded, scalar(locationRange * half))
  return locationMode === 'relative' ? add(location, ranged) : ranged
}

/** @throws RangeError where the location network cannot say what the world takes. */
function checkLocation({ locationMode }: RamOptions, { heads, observation }: World): void {
  const location = heads.find(({ name }) => name === 'location')
  if (!location) return
  const { space } = location
  if (space.kind !== 'box' || space.low !== -space.high)
    throw new OptionError('agent ram: the action location must be a Box around 0; use another agent for this world')
  if (locationMode === 'relative' && space.size !== observation.location[0])
    throw new OptionError(
      `agent ram: locationMode relative adds a move of ${space.size} numbers to a location of ${observation.location[0]}; use --location-mode absolute`,
    )
}

function coreOf({ core, featureUnits, hiddenUnits, recurrentStart, detach }: RamOptions, { horizon }: World): Core {
  const starts: Record<RamOptions['recurrentStart'], Initialiser> = {
    uniform: uniformFan(hiddenUnits),
    identity,
    orthogonal,
  }
  const recurrent = starts[recurrentStart]
  return cores[core]({ inputs: featureUnits, hidden: hiddenUnits, recurrent, horizon, detached: detach !== 'none' })
}

/** Every parameter of the agent, in the order of its layout. */
function ramParameters(
  options: RamOptions,
  world: World,
  convolutions: readonly Convolution[],
  core: Core,
): Parameter[] {
  const { whatUnits, whereUnits, featureUnits, hiddenUnits } = options
  const inputs = whatInputs(convolutions, world)
  const context = contextOf(world)
  return [
    ...convolutions.flatMap(({ name, channels, filters }) =>
      convolutionParameters(name, filterSide, channels, filters),
    ),
    ...Array.from({ length: options.whatLayers }, (_, layer) =>
      denseParameters(whatName(layer), layer === 0 ? inputs : whatUnits, whatUnits),
    ).flat(),
    ...denseParameters('glimpse.where', world.observation.location[0]!, whereUnits),
    ...denseParameters('glimpse.fromWhat', whatUnits, featureUnits),
    ...denseParameters('glimpse.fromWhere', whereUnits, featureUnits),
    ...furtherOf(world).flatMap(({ name, size, alike }) =>
      alike
        ? [
            ...denseParameters(`glimpse.from.${name}`, whatUnits, featureUnits),
            ...denseParameters(`glimpse.common.${name}`, whatUnits, featureUnits),
          ]
        : [
            ...denseParameters(`observation.${name}`, size, whereUnits),
            ...denseParameters(`glimpse.from.${name}`, whereUnits, featureUnits),
          ],
    ),
    ...(context > 0
      ? [
          ...denseParameters('context.what', context, whatUnits),
          ...denseParameters('context.start', whatUnits, hiddenUnits),
        ]
      : []),
    ...core.parameters,
    ...world.heads.flatMap((spec) => headParameters(options, world, spec)),
    ...denseParameters('baseline', hiddenUnits, 1),
  ]
}

/** The network of one head. */
function headParameters(options: RamOptions, world: World, { name, space, kind }: HeadSpec): Parameter[] {
  const { hiddenUnits, locatorUnits, locatorSees } = options
  const outputs = headOf(space, kind).outputs()
  if (name === 'stop') return stopParameters(hiddenUnits)
  if (name !== 'location') return denseParameters(name, hiddenUnits, outputs)
  const pixels = sizeOf(world.observation.glimpse)
  return [
    ...(locatorUnits > 0 ? denseParameters('location.hidden', hiddenUnits, locatorUnits) : []),
    ...denseParameters('location.mean', locatorUnits || hiddenUnits, outputs),
    ...(locatorSees
      ? [{ name: 'location.sight.kernel', shape: [pixels, locatorUnits || outputs], start: uniformFan(pixels) }]
      : []),
  ]
}

/** The stop head: at first it stops with about 1 in 20, so that there are whole episodes to learn from. */
function stopParameters(hiddenUnits: number): Parameter[] {
  return [
    { name: 'stop.kernel', shape: [hiddenUnits, 2], start: uniformFan(hiddenUnits) },
    { name: 'stop.bias', shape: [2], start: () => Float32Array.of(0, -3) },
  ]
}

/** What is observed besides glimpse, location and context: its name, how many numbers it has, whether it has a glimpse's shape. */
const furtherOf = ({
  observation,
}: World): { readonly name: string; readonly size: number; readonly alike: boolean }[] =>
  Object.entries(observation)
    .filter(([name]) => name !== 'glimpse' && name !== 'location' && name !== 'context')
    .map(([name, shape]) => ({ name, size: sizeOf(shape), alike: `${shape}` === `${observation.glimpse}` }))

/** How many numbers the coarse view of the whole image has, which starts the core; 0 where there is none. */
const contextOf = ({ observation }: World): number => (observation.context ? sizeOf(observation.context) : 0)

type Convolution = { readonly name: string; readonly channels: number; readonly filters: number; readonly side: number }

/** Pixels; filters stand half of it apart. */
const filterSide = 4

/**
 * The convolutions over one scale of a glimpse, with the side of the image that each leaves: two, or one where no second fits.
 * @throws RangeError where not even one does.
 */
function convolutionsOf({ whatFilters }: RamOptions, { observation }: World): Convolution[] {
  const found: Convolution[] = []
  let [, side, , channels] = observation.glimpse as [number, number, number, number]
  if (whatFilters > 0 && side < filterSide)
    throw new OptionError(
      `agent ram: whatFilters ${whatFilters} on a glimpse of side ${side} given; filters are ${filterSide} wide: add --glimpse-side ${filterSide} or more, or --what-filters 0`,
    )
  for (let layer = 0; whatFilters > 0 && layer < 2 && side >= filterSide; layer++) {
    const filters = whatFilters << layer
    side = Math.floor(side / 2) - 1
    found.push({ name: `glimpse.filters${layer + 1}`, channels, filters, side })
    channels = filters
  }
  return found
}

/** How many numbers the first layer of what units sees: those of the last convolution, or the glimpse's own. */
function whatInputs(convolutions: readonly Convolution[], { observation }: World): number {
  const last = convolutions.at(-1)
  return last ? observation.glimpse[0]! * last.side ** 2 * last.filters : sizeOf(observation.glimpse)
}

const whatName = (layer: number): string => (layer === 0 ? 'glimpse.what' : `glimpse.what${layer + 1}`)

function describe({ core, hiddenUnits, featureUnits }: RamOptions, { observation, heads }: World): string {
  const decided = heads.map(({ name, space, kind }) => `${name} ${headOf(space, kind).outputs()}`).join(', ')
  return `ram ${core} ${hiddenUnits}, features ${featureUnits}, glimpse [${observation.glimpse}], ${decided}`
}
