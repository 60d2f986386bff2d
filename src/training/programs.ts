// The programs of a training, as definitions for an engine: act through an episode, act and learn from it, learn again from
// a minibatch, and step the optimiser. Pure tensor functions; the host's side is in episode-batch.ts and learner.ts.

import {
  add,
  mul,
  type Scalar,
  slice,
  square,
  sum,
  type Tensor,
  type Tensor1D,
  type Tensor2D,
} from '@tensorflow/tfjs-core'
import {
  type Agent,
  type AgentOutput,
  type ObservationTensors,
  type Outputs,
  stackOutputs,
  unroll,
  unrollSteps,
} from '../agent/agent.ts'
import { headOf } from '../agent/heads.ts'
import type { Algorithm, Scalars } from '../algorithms/algorithm.ts'
import { clipFactor, type Optimiser } from '../algorithms/optimisers.ts'
import { type TrajectorySpec, trajectoryFields, trajectoryOf } from '../algorithms/trajectory.ts'
import { UserError } from '../core/errors.ts'
import { type Layout, stopGradient, type Tensors } from '../core/tensors.ts'
import type { Definition, Signature } from '../engine/engine.ts'
import type { Environment } from '../env/environment.ts'
import { shardRange } from './all-reduce.ts'

/** What a program is made for. */
export type Plan = {
  readonly agent: Agent
  readonly environment: Environment
  readonly algorithm: Algorithm
  /** The agent's heads, and which fields a trajectory has. */
  readonly spec: TrajectorySpec
  /** Whether the world says what would have been right to predict. */
  readonly hasTargets: boolean
  /** M: rollouts of each item, side by side in a batch. */
  readonly rollouts: number
}

/** The name under which a head's outputs reach the host. */
export const headName = (head: string): string => `head.${head}`

/** Metrics that the training itself reports; no algorithm may use these names. */
export const ownMetrics = ['loss', 'return', 'spread', 'glimpses', 'accuracy', 'distance', 'error'] as const

const scalarInput = { shape: [], dtype: 'float32' } as const

/** The first step at which a prediction can count, and the first that can be an episode's last. */
export function firstSteps({ horizon, fixedLength, predictionScored }: Environment): {
  readonly firstScored: number
  readonly firstEnd: number
} {
  const firstEnd = fixedLength ? horizon - 1 : 0
  return { firstEnd, firstScored: predictionScored === 'every-step' ? 0 : firstEnd }
}

/** How many observations `act` looks at: T, and one more where a value of the last is needed to learn from a minibatch. */
export const programSteps = ({ environment, algorithm }: Plan): number =>
  environment.horizon + (environment.truncates && algorithm.updates ? 1 : 0)

/**
 * Act through `batch` episodes: a stage for each observation, what the host asks for out. With `everyStep`, predictions at
 * every step, for those who want to watch a belief grow; else only where they can count.
 */
export function actDefinition(plan: Plan, batch: number, everyStep = false): Definition {
  const { agent, environment } = plan
  const count = programSteps(plan)
  return {
    name: 'act',
    reads: { parameters: agent.layout },
    stages: Array.from({ length: count }, () => observationSignature(environment, batch)),
    *body({ parameters }, first) {
      const steps = unrollSteps(agent, parameters!, first as ObservationTensors, count)
      for (let at = steps.next(); ; ) {
        if (at.done) throw new Error('act: unrolled too far')
        const { output, step } = at.value
        const asked = step < environment.horizon ? request(plan, output, step, everyStep) : { value: output.value }
        if (step === count - 1) return asked
        at = steps.next(yield asked)
      }
    },
  }
}

/** Act through `batch` episodes and differentiate the algorithm's loss: T stages as `act`, then one with what happened. */
export function learnDefinition(plan: Plan, batch: number): Definition {
  const { agent, environment } = plan
  const looks = Array.from({ length: environment.horizon }, () => observationSignature(environment, batch))
  return {
    name: 'learn',
    reads: { parameters: agent.layout },
    stages: [...looks, outcomeSignature(plan, batch)],
    gradient: { of: 'parameters', into: 'gradient' },
    *body({ parameters }, first) {
      const steps = unrollSteps<Tensors>(agent, parameters!, first as ObservationTensors, environment.horizon)
      let at = steps.next()
      while (!at.done) at = steps.next(yield request(plan, at.value.output, at.value.step, false))
      const { outputs: unrolled, last: outcome } = at.value
      const outputs = stackOutputs(unrolled)
      const lastValue = valueAfter(plan, parameters!, unrolled, outcome)
      return weighted(plan, outputs, { old: frozen(outputs), lastValue }, outcome)
    },
  }
}

/** The value of the observation after the last step, [B], a constant; where the world truncates. */
function valueAfter(
  { agent, environment }: Plan,
  parameters: Tensors,
  outputs: readonly AgentOutput[],
  outcome: Tensors,
): Tensor1D | undefined {
  if (!environment.truncates) return undefined
  const last = unprefixed('last.', outcome) as ObservationTensors
  return stopGradient(agent.step(parameters, last, outputs.at(-1)!.state).value)
}

/** Learn from `batch` recorded episodes: one stage with all observations, all outputs of the time, and what happened. */
export function minibatchDefinition(plan: Plan, batch: number): Definition {
  const { agent, environment, spec } = plan
  const steps = environment.horizon
  const each = (shape: readonly number[]) => ({ shape: [steps, batch, ...shape], dtype: 'float32' }) as const
  const old: Signature = {
    ...Object.fromEntries(
      spec.heads.map(({ name, space, kind }) => [headName(name), each([headOf(space, kind).outputs()])]),
    ),
    value: each([]),
    ...(environment.truncates && { lastValue: { shape: [batch], dtype: 'float32' } }),
  }
  const seen = Array.from({ length: steps }, (_, t) => prefixed(`${t}.`, observationSignature(environment, batch)))
  return {
    name: 'minibatch update',
    reads: { parameters: agent.layout },
    stages: [Object.assign({}, ...seen, prefixed('old.', old), outcomeSignature(plan, batch))],
    gradient: { of: 'parameters', into: 'gradient' },
    *body({ parameters }, inputs) {
      yield* []
      const observations = Array.from(
        { length: steps },
        (_, t) => unprefixed(`${t}.`, inputs) as unknown as ObservationTensors,
      )
      const before = unprefixed('old.', inputs)
      const constants = {
        old: { heads: unprefixed('head.', before), value: before.value as Tensor2D },
        lastValue: before.lastValue as Tensor1D | undefined,
      }
      return weighted(plan, stackOutputs(unroll(agent, parameters!, observations)), constants, inputs)
    },
  }
}

/** How the optimiser gets its gradient, and what it does with it. */
export type StepPlan = {
  readonly optimiser: Optimiser
  /** How many numbers the gradient has. */
  readonly length: number
  /** How many shards the batch is cut into, and the gradient, for its squared norm, into pieces. */
  readonly shards: number
  /**
   * How many gradients are summed: the shards' or, where others have summed them, 1. They are inputs `gradient0` ... but for the
   * one that is the vector `gradient`.
   */
  readonly gradients: number
  /** The one that is read where it lies, or none. */
  readonly resident?: number | undefined
  /** Largest norm, 0 for no clipping. */
  readonly gradientClip: number
  /** Decay of the parameters' moving average, 0 for none. */
  readonly averaging: number
}

/**
 * One step of the optimiser. Yields the squared norm of the gradient, `squaredNorm.<piece>` of as many pieces as there are
 * shards, and is answered with their sum and the step's scalars.
 */
export function stepDefinition({ optimiser, gradientClip, averaging, ...charge }: StepPlan): Definition {
  const { length, shards, resident: own } = charge
  const layout: Layout = [{ name: 'values', shape: [length] }]
  const kept = ['parameters', ...optimiser.moments, ...(averaging > 0 ? ['average'] : [])]
  const scalarNames = ['squaredNorm', ...Object.keys(optimiser.scalars(1, 1))]
  const gradients = Array.from({ length: charge.gradients }, (_, i) => `gradient${i}`)
  return {
    name: 'step',
    reads: {
      ...Object.fromEntries(kept.map((name) => [name, layout])),
      ...(own !== undefined && { gradient: layout }),
    },
    writes: kept,
    stages: [
      Object.fromEntries(
        gradients.filter((_, i) => i !== own).map((name) => [name, { shape: [length], dtype: 'float32' as const }]),
      ),
      Object.fromEntries(scalarNames.map((name) => [name, scalarInput])),
    ],
    *body(resident, inputs) {
      const parts = gradients.map((name, i) => (i === own ? resident.gradient!.values! : inputs[name]!))
      const gradient = parts.reduce((total, part) => add(total, part)) as Tensor1D
      const { squaredNorm, ...scalars } = yield Object.fromEntries(
        Array.from({ length: shards }, (_, piece) => {
          const [from, to] = shardRange(length, shards, piece)
          return [`squaredNorm.${piece}`, sum(square(shards === 1 ? gradient : slice(gradient, from, to - from)))]
        }),
      )
      const clipped = gradientClip > 0 ? mul(gradient, clipFactor(squaredNorm as Scalar, gradientClip)) : gradient
      const values = (name: string): Tensor1D => resident[name]!.values as Tensor1D
      const moments = Object.fromEntries(optimiser.moments.map((name) => [name, values(name)]))
      const updated = optimiser.update(
        values('parameters'),
        clipped as Tensor1D,
        moments,
        scalars as Record<string, Scalar>,
      )
      const { parameters } = updated
      return {
        parameters,
        ...updated.moments,
        ...(averaging > 0 && { average: add(mul(values('average'), averaging), mul(parameters, 1 - averaging)) }),
      }
    },
  }
}

/** What the host must have of the outputs at step t; what it has no use for, the engine need not work out. */
function request(plan: Plan, output: AgentOutput, t: number, everyStep: boolean): Tensors {
  const { environment, algorithm, spec } = plan
  const { firstScored, firstEnd } = firstSteps(environment)
  // a location that is never looked at is not asked for, nor a stop where the episode ends anyhow
  const goesOn = t < environment.horizon - 1 || environment.truncates === true
  const predicts =
    everyStep || environment.readsProbabilities === true || t >= Math.min(firstScored, firstEnd) || algorithm.updates
  const wanted = (name: string): unknown => {
    if (name === 'location') return goesOn && !algorithm.locationSampler
    if (name === 'stop') return goesOn
    return name !== 'prediction' || predicts
  }
  return {
    ...Object.fromEntries(
      spec.heads.flatMap(({ name }) => (wanted(name) ? [[headName(name), output.heads[name]!]] : [])),
    ),
    ...(algorithm.updates && { value: output.value }),
  }
}

/** The algorithm's loss and metrics, the loss times this shard's weight in the batch. */
function weighted(
  plan: Plan,
  outputs: Outputs,
  constants: { readonly old: Outputs; readonly lastValue: Tensor1D | undefined },
  inputs: Tensors,
): Tensors {
  const { algorithm, environment, spec, rollouts } = plan
  const trajectory = trajectoryOf(spec, inputs, { ...constants, ...firstSteps(environment), rollouts })
  const { loss, metrics } = algorithm.loss(outputs, trajectory, unprefixed('scalar.', inputs) as unknown as Scalars)
  checkScalars(algorithm.name, { loss, ...metrics })
  for (const name of Object.keys(metrics))
    if ((ownMetrics as readonly string[]).includes(name))
      throw new UserError(
        `algorithm ${algorithm.name}: the metric "${name}" is one of the training's own (${ownMetrics.join(', ')}); give it another name`,
      )
  return { ...prefixed('metric.', { loss, ...metrics }), loss: mul(loss, inputs.weight as Scalar) }
}

/** @throws UserError on a loss or a metric that is no scalar. */
function checkScalars(name: string, scalars: Readonly<Record<string, Tensor | undefined>>): void {
  for (const [metric, value] of Object.entries(scalars))
    if (value?.rank !== 0)
      throw new UserError(
        `algorithm ${name}: ${metric === 'loss' ? 'the loss' : `the metric "${metric}"`} is ${value ? `a tensor of shape [${value.shape}]` : 'missing'}; give a scalar, a mean over the batch`,
      )
}

/** Constants with the values of outputs. */
const frozen = ({ heads, value }: Outputs): Outputs => ({
  heads: Object.fromEntries(Object.entries(heads).map(([name, x]) => [name, stopGradient(x)])),
  value: stopGradient(value),
})

function observationSignature({ observationSpace }: Environment, batch: number): Signature {
  return Object.fromEntries(
    Object.entries(observationSpace).map(([name, { shape }]) => [name, { shape: [batch, ...shape], dtype: 'float32' }]),
  )
}

/** What happened, the shard's weight in the batch, the scheduled numbers, and what was observed last where that counts. */
function outcomeSignature({ environment, algorithm, spec }: Plan, batch: number): Signature {
  const fields = trajectoryFields(spec).map(({ name, shape, dtype, each }) => [
    name,
    { shape: [...(each === 'step' ? [environment.horizon] : []), batch, ...shape], dtype },
  ])
  const scheduled = Object.keys(algorithm.scalars(0)).map((name) => [`scalar.${name}`, scalarInput])
  return {
    ...Object.fromEntries(fields),
    weight: scalarInput,
    ...Object.fromEntries(scheduled),
    ...(environment.truncates && !algorithm.updates && prefixed('last.', observationSignature(environment, batch))),
  }
}

const prefixed = <T>(prefix: string, entries: Readonly<Record<string, T>>): Record<string, T> =>
  Object.fromEntries(Object.entries(entries).map(([name, value]) => [prefix + name, value]))

const unprefixed = (prefix: string, tensors: Tensors): Tensors =>
  Object.fromEntries(
    Object.entries(tensors).flatMap(([name, x]) => (name.startsWith(prefix) ? [[name.slice(prefix.length), x]] : [])),
  )
