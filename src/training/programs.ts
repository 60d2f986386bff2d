// The programs of a training, as definitions for an engine: act through an episode, act and learn from it, learn from it
// again, and step the optimiser. Pure tensor functions; the host's side is in rollout.ts and learner.ts.

import {
  add,
  mul,
  type Scalar,
  square,
  sum,
  type Tensor,
  type Tensor1D,
  type Tensor2D,
  type Tensor3D,
} from '@tensorflow/tfjs-core'
import {
  type Agent,
  type Evaluation,
  evaluate,
  initialState,
  type Sight,
  stackThoughts,
  type Thought,
} from '../agent/agent.ts'
import type { Algorithm, Scalars, Trajectory } from '../algorithms/algorithm.ts'
import { clipFactor, type Optimiser } from '../algorithms/optimisers.ts'
import { type Layout, stopGradient, type Tensors } from '../core/tensors.ts'
import type { Definition, Signature } from '../engine/engine.ts'
import type { Environment } from '../env/environment.ts'
import { firstDecision } from './rollout.ts'

/** What a program is made for. */
export type Plan = {
  readonly agent: Agent
  readonly environment: Environment
  readonly algorithm: Algorithm
  /** Whether the target teaches the choice. */
  readonly supervised: boolean
  /** M: rollouts of each item, side by side in a batch. */
  readonly rollouts: number
}

const scalarInput = { shape: [], dtype: 'float32' } as const

/**
 * Act through `batch` episodes: T stages of glimpse and location in, thoughts out. With `everyStep`, the choice's logits
 * at every step, for those who want to watch a belief grow; else only where the choice can count.
 */
export function actDefinition(plan: Plan, batch: number, everyStep = false): Definition {
  const { agent, environment } = plan
  return {
    name: 'act',
    reads: { parameters: agent.layout },
    stages: Array.from({ length: environment.horizon }, () => sightSignature(environment, batch)),
    *body({ parameters }, first) {
      let [state, sight] = [initialState(agent, batch), first]
      for (let t = 0; ; t++) {
        const thought = agent.step(parameters!, sight as Sight, state)
        if (t === environment.horizon - 1) return told(plan, thought, t, everyStep)
        state = thought.state
        sight = yield told(plan, thought, t, everyStep)
      }
    },
  }
}

/** Act through `batch` episodes and differentiate the algorithm's loss: T stages as `act`, then one with what happened. */
export function learnDefinition(plan: Plan, batch: number): Definition {
  const { agent, environment } = plan
  const looks = Array.from({ length: environment.horizon }, () => sightSignature(environment, batch))
  return {
    name: 'learn',
    reads: { parameters: agent.layout },
    stages: [...looks, outcomeSignature(plan, batch)],
    gradient: { of: 'parameters', into: 'gradient' },
    *body({ parameters }, first) {
      const thoughts: Thought[] = []
      let [state, next] = [initialState(agent, batch), first]
      for (let t = 0; t < environment.horizon; t++) {
        const thought = agent.step(parameters!, next as Sight, state)
        thoughts.push(thought)
        state = thought.state
        next = yield told(plan, thought, t, false)
      }
      const evaluation = stackThoughts(thoughts)
      return weighted(plan, evaluation, frozen(evaluation), next)
    },
  }
}

/** Learn from `batch` recorded episodes: one stage with all sights [T, B, ...], all thoughts of the time, and what happened. */
export function relearnDefinition(plan: Plan, batch: number): Definition {
  const { agent, environment } = plan
  const steps = environment.horizon
  const recorded: Signature = {
    locationMean: { shape: [steps, batch, 2], dtype: 'float32' },
    choiceLogits: { shape: [steps, batch, environment.actionSpace.choice.count], dtype: 'float32' },
    value: { shape: [steps, batch], dtype: 'float32' },
    ...(environment.actionSpace.stop && { stopLogit: { shape: [steps, batch], dtype: 'float32' } }),
  }
  const prefixed = (prefix: string, signature: Signature): Signature =>
    Object.fromEntries(Object.entries(signature).map(([name, type]) => [prefix + name, type]))
  const sights = Array.from({ length: steps }, (_, t) => prefixed(`${t}.`, sightSignature(environment, batch)))
  return {
    name: 'relearn',
    reads: { parameters: agent.layout },
    stages: [Object.assign({}, ...sights, prefixed('recorded.', recorded), outcomeSignature(plan, batch))],
    gradient: { of: 'parameters', into: 'gradient' },
    *body({ parameters }, inputs) {
      const seen = Array.from({ length: steps }, (_, t) => unprefixed(`${t}.`, inputs) as Sight)
      const evaluation = evaluate(agent, parameters!, seen)
      return weighted(plan, evaluation, unprefixed('recorded.', inputs) as unknown as Evaluation, inputs)
    },
  }
}

/** How the optimiser gets its gradient, and what it does with it. */
export type StepPlan = {
  readonly optimiser: Optimiser
  /** How many numbers the gradient has, and [from, to): those that this optimiser is in charge of. */
  readonly whole: number
  readonly from: number
  readonly to: number
  /** How many gradients are summed, and which of them is the vector `gradient`; the others are inputs `gradient0` ... */
  readonly size: number
  readonly rank: number
  /** Largest norm, 0 for no clipping. */
  readonly gradientClip: number
  /** Decay of the parameters' moving average, 0 for none. */
  readonly averaging: number
}

/**
 * One step of the optimiser on its part of the parameters. Yields `squaredNorm` of that part of the gradient, and is
 * answered with that of the whole (and with the step's scalars), so that several may each be in charge of a part.
 */
export function stepDefinition({ optimiser, gradientClip, averaging, ...charge }: StepPlan): Definition {
  const { whole, from, to, size, rank } = charge
  const part: Layout = [{ name: 'values', shape: [to - from] }]
  const pieces: Layout = [{ name: 'before', shape: [from] }, ...part, { name: 'behind', shape: [whole - to] }]
  const kept = ['parameters', ...optimiser.moments, ...(averaging > 0 ? ['average'] : [])]
  const scalarNames = ['squaredNorm', ...Object.keys(optimiser.scalars(1, 1))]
  const gradients = Array.from({ length: size }, (_, i) => `gradient${i}`)
  return {
    name: 'step',
    reads: {
      ...Object.fromEntries(kept.map((name) => [name, part])),
      gradient: pieces.filter(({ shape }) => shape[0]! > 0),
    },
    writes: kept,
    stages: [
      Object.fromEntries(
        gradients.filter((_, i) => i !== rank).map((name) => [name, { shape: [to - from], dtype: 'float32' as const }]),
      ),
      Object.fromEntries(scalarNames.map((name) => [name, scalarInput])),
    ],
    *body(resident, inputs) {
      const parts = gradients.map((name, i) => (i === rank ? resident.gradient!.values! : inputs[name]!))
      const gradient = parts.reduce((total, part) => add(total, part)) as Tensor1D
      const { squaredNorm, ...scalars } = yield { squaredNorm: sum(square(gradient)) }
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

/** What the host must see of a thought at step t; what it has no use for, the engine need not work out. */
function told({ environment, algorithm }: Plan, thought: Thought, t: number, everyStep: boolean): Tensors {
  const moves = t < environment.horizon - 1
  const decides = everyStep || t >= firstDecision(environment) || environment.actionSpace.belief !== undefined
  return {
    ...(moves && !algorithm.gaze && { locationMean: thought.locationMean }),
    ...((decides || algorithm.reuse) && { choiceLogits: thought.choiceLogits }),
    ...(algorithm.reuse && { value: thought.value }),
    ...(moves && thought.stopLogit && { stopLogit: thought.stopLogit }),
  }
}

/** The algorithm's loss and metrics, the loss times this shard's weight in the batch. */
function weighted(plan: Plan, evaluation: Evaluation, recorded: Evaluation, inputs: Tensors): Tensors {
  const { location, choice, reward, alive, looked, decided, target, stop, weight } = inputs
  const trajectory: Trajectory = {
    location: location as Tensor3D,
    choice: choice as Tensor2D,
    reward: reward as Tensor2D,
    alive: alive as Tensor2D,
    looked: looked as Tensor2D,
    decided: decided as Tensor2D,
    firstDecision: firstDecision(plan.environment),
    ...(target && { target: target as Tensor1D }),
    ...(stop && { stop: stop as Tensor2D }),
    recorded,
    rollouts: plan.rollouts,
  }
  const losses = plan.algorithm.loss(evaluation, trajectory, unprefixed('scalar.', inputs) as Scalars)
  const metrics = Object.entries(losses).map(([name, value]): [string, Tensor] => [
    name === 'loss' ? 'total' : name,
    value,
  ])
  return { ...Object.fromEntries(metrics), loss: mul(losses.loss, weight as Scalar) }
}

/** Constants with the values of an evaluation. */
function frozen(evaluation: Evaluation): Evaluation {
  return Object.fromEntries(Object.entries(evaluation).map(([name, x]) => [name, stopGradient(x)])) as Evaluation
}

function sightSignature({ observationSpace }: Environment, batch: number): Signature {
  return {
    glimpse: { shape: [batch, ...observationSpace.glimpse.shape], dtype: 'float32' },
    location: { shape: [batch, 2], dtype: 'float32' },
  }
}

/** What happened, [T, B, ...], the shard's weight in the batch, and the scheduled numbers. */
function outcomeSignature({ environment, algorithm, supervised }: Plan, batch: number): Signature {
  const each = { shape: [environment.horizon, batch], dtype: 'float32' } as const
  const scheduled = Object.keys(algorithm.scalars(0)).map((name) => [`scalar.${name}`, scalarInput])
  return {
    location: { shape: [environment.horizon, batch, 2], dtype: 'float32' },
    choice: { ...each, dtype: 'int32' },
    reward: each,
    alive: each,
    looked: each,
    decided: each,
    ...(supervised && { target: { shape: [batch], dtype: 'int32' } }),
    ...(environment.actionSpace.stop && { stop: each }),
    weight: scalarInput,
    ...Object.fromEntries(scheduled),
  }
}

const unprefixed = (prefix: string, tensors: Tensors): Tensors =>
  Object.fromEntries(
    Object.entries(tensors).flatMap(([name, x]) => (name.startsWith(prefix) ? [[name.slice(prefix.length), x]] : [])),
  )
