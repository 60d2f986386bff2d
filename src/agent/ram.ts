// The Recurrent Attention Model (Mnih, Heess, Graves, Kavukcuoglu, NIPS 2014): glimpse network, recurrent core, location,
// action, prediction and baseline networks.

import {
  add,
  concat,
  matMul,
  mul,
  onesLike,
  relu,
  reshape,
  scalar,
  sub,
  type Tensor,
  type Tensor1D,
  type Tensor2D,
  tanh,
} from '@tensorflow/tfjs-core'
import { OptionError } from '../core/errors.ts'
import { sizeOf, stopGradient, type Tensors } from '../core/tensors.ts'
import type { Agent, AgentOutput, ObservationTensors } from './agent.ts'
import { type Core, cores } from './cores.ts'
import { createGlimpseNetwork, type GlimpseNetwork } from './glimpse-network.ts'
import { type HeadSpec, headOf } from './heads.ts'
import {
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
import { type RamOptions, ramOptions } from './ram-options.ts'
import type { AgentDefinition, World } from './registry.ts'

/** Build the agent for a world. @throws RangeError where the options do not fit the world. */
export function createRam(options: RamOptions, world: World): Agent {
  const { detach } = options
  checkLocation(options, world)
  const glimpse = createGlimpseNetwork(options, world)
  const core = coreOf(options, world)
  const parameters = ramParameters(options, world, glimpse, core)
  const contextSize = contextOf(world)
  const state = { ...core.state, ...(contextSize > 0 && { begun: [1] }) }

  /** What the context network makes of the whole image in the first step of an episode, and zeros later: [B, H]. */
  function contextStart(p: Tensors, { context }: ObservationTensors, begun: Tensor): Tensor {
    const seen = denseRelu(p, 'context.what', reshape(context!, [-1, contextSize]))
    return mul(tanh(dense(p, 'context.start', seen)), sub(scalar(1), begun))
  }

  function step(p: Tensors, observation: ObservationTensors, state: Tensors): AgentOutput {
    const pixels = glimpse.pixels(observation.glimpse)
    const context = contextSize > 0 ? contextStart(p, observation, state.begun!) : undefined
    const { hidden, gazing, state: next } = core.step(p, glimpse.features(p, pixels, observation), state, context)
    const ahead = gazing ?? hidden
    const toLocator = detach === 'none' || gazing ? ahead : stopGradient(ahead)
    const toHeads = detach === 'heads' ? toLocator : ahead
    const head = (spec: HeadSpec): Tensor =>
      spec.name === 'location'
        ? locationOutputs(p, options, spec, pixels, observation.location, toLocator)
        : dense(p, spec.name, spec.name === 'stop' ? toHeads : hidden)
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
    ...(core.growing && { growing: core.growing }),
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

/**
 * The mean of the next location, from what the core remembers and, if it may see it, from the glimpse itself: [B, D]; and
 * behind it, where it is learned, how far the policy's spread is from the scheduled one, [B, D] too.
 */
function locationOutputs(
  p: Tensors,
  options: RamOptions,
  { space, kind }: HeadSpec,
  pixels: Tensor2D,
  location: Tensor,
  remembered: Tensor,
): Tensor {
  const { locatorUnits, locatorSees, tanhMean, locationRange, locationMode } = options
  const joined = (name: string): Tensor => {
    const told = dense(p, name, remembered)
    return locatorSees ? add(told, matMul(pixels, tensor(p, 'location.sight.kernel'))) : told
  }
  const inner = locatorUnits > 0 ? relu(joined('location.hidden')) : undefined
  const free = inner ? dense(p, 'location.mean', inner) : joined('location.mean')
  const bounded = tanhMean ? tanh(free) : free
  const half = space.kind === 'box' ? (space.high - space.low) / 2 : 1
  const ranged = locationRange * half === 1 ? bounded : mul(bounded, scalar(locationRange * half))
  const mean = locationMode === 'relative' ? add(location, ranged) : ranged
  return headOf(space, kind).outputs() > space.size
    ? concat([mean, dense(p, 'location.spread', inner ?? remembered)], 1)
    : mean
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
function ramParameters(options: RamOptions, world: World, glimpse: GlimpseNetwork, core: Core): Parameter[] {
  const { whatUnits, hiddenUnits } = options
  const context = contextOf(world)
  return [
    ...glimpse.parameters,
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
  const inputs = locatorUnits || hiddenUnits
  return [
    ...(locatorUnits > 0 ? denseParameters('location.hidden', hiddenUnits, locatorUnits) : []),
    ...denseParameters('location.mean', inputs, space.size),
    ...(locatorSees
      ? [{ name: 'location.sight.kernel', shape: [pixels, locatorUnits || space.size], start: uniformFan(pixels) }]
      : []),
    ...(outputs > space.size ? denseParameters('location.spread', inputs, outputs - space.size) : []),
  ]
}

/** The stop head: at first it stops with about 1 in 20, so that there are whole episodes to learn from. */
function stopParameters(hiddenUnits: number): Parameter[] {
  return [
    { name: 'stop.kernel', shape: [hiddenUnits, 2], start: uniformFan(hiddenUnits) },
    { name: 'stop.bias', shape: [2], start: () => Float32Array.of(0, -3) },
  ]
}

/** How many numbers the coarse view of the whole image has, which starts the core; 0 where there is none. */
const contextOf = ({ observation }: World): number => (observation.context ? sizeOf(observation.context) : 0)

function describe({ core, hiddenUnits, featureUnits }: RamOptions, { observation, heads }: World): string {
  const decided = heads.map(({ name, space, kind }) => `${name} ${headOf(space, kind).outputs()}`).join(', ')
  return `ram ${core} ${hiddenUnits}, features ${featureUnits}, glimpse [${observation.glimpse}], ${decided}`
}
