// The agent's contract: parameters as one flat vector, one pure step, and its unrolling over time. Types and their laws.
//
// Axes: B episodes, T steps, S scales, G glimpse side, C channels, D dimensions of a location, H hidden units.

import { stack, type Tensor, type Tensor1D, type Tensor2D, zeros } from '@tensorflow/tfjs-core'
import type { Layout, Tensors } from '../core/tensors.ts'

/** What is observed at one step, as tensors: `glimpse` [B, S, G, G, C], `location` [B, D], and any further box of the world. */
export type ObservationTensors = {
  /** float32 [B, S, G, G, C] in [0, 1]. */
  readonly glimpse: Tensor
  /** float32 [B, D] in [-1, 1]. */
  readonly location: Tensor
  readonly [name: string]: Tensor
}

/** What the agent makes of it. */
export type AgentOutput = {
  /** float32 [B, n] by head: for every action of the world, and for `prediction`, what its distribution is made from. */
  readonly heads: Tensors
  /** float32 [B]: the baseline's estimate of the return to come. */
  readonly value: Tensor1D
  /** The recurrent state for the next step, named and shaped as `Agent.state`. */
  readonly state: Tensors
}

/**
 * A recurrent attention agent: pure functions of parameters and tensors.
 *
 * Laws:
 * - `step` draws nothing at random, reads no tensor's value, and depends on nothing but its arguments.
 * - Rows do not mix: row b of every output depends on row b of the inputs alone.
 * - The first state is zeros, or lacks what is `growing`.
 */
export interface Agent {
  /** For messages and checkpoints: the architecture in one line. */
  readonly description: string
  /** The parameters' names and shapes, in the order in which they lie in the vector. */
  readonly layout: Layout
  /** The recurrent state's names and shapes per episode (without B). */
  readonly state: Readonly<Record<string, readonly number[]>>
  /**
   * Entries of the state that hold one place a step, and may come shorter. Who unrolls whole episodes leaves them out of the first
   * state, and each step gives them one place longer, or leaves them out; who steps one by one gives and gets them whole. The
   * outputs are the same, and the former is the cheaper. None by default.
   */
  readonly growing?: readonly string[]
  /** First parameters, float32 [lengthOf(layout)], the same for the same seed; every parameter is drawn from a stream of its own name. */
  init(seed: number): Float32Array
  /** One step of seeing, remembering and deciding. */
  step(parameters: Tensors, observation: ObservationTensors, state: Tensors): AgentOutput
}

/** The zeros that every episode starts from. */
export function initialState(agent: Agent, batch: number): Tensors {
  return zerosOf(Object.entries(agent.state), batch)
}

const zerosOf = (entries: readonly (readonly [string, readonly number[]])[], batch: number): Tensors =>
  Object.fromEntries(entries.map(([name, shape]) => [name, zeros([batch, ...shape])]))

/** The agent's outputs over a whole trajectory, stacked over time. */
export type Outputs = {
  /** float32 [T, B, n] by head. */
  readonly heads: Tensors
  /** float32 [T, B]. */
  readonly value: Tensor2D
}

/** Stack the outputs of T steps. */
export function stackOutputs(steps: readonly AgentOutput[]): Outputs {
  const names = Object.keys(steps[0]!.heads)
  return {
    heads: Object.fromEntries(names.map((name) => [name, stack(steps.map(({ heads }) => heads[name]!))])), // [T, B, n]
    value: stack(steps.map(({ value }) => value)) as Tensor2D, // [T, B]
  }
}

/**
 * Step through T observations from the zero state, one after the other: each output is yielded, and answered with the next
 * observation. Returns all outputs and what the last one was answered with. Whoever acts, learns or replays unrolls by this.
 */
export function* unrollSteps<Answer extends Tensors>(
  agent: Agent,
  parameters: Tensors,
  first: ObservationTensors,
  steps: number,
): Generator<
  { readonly output: AgentOutput; readonly step: number },
  { outputs: AgentOutput[]; last: Answer },
  Answer
> {
  const outputs: AgentOutput[] = []
  const whole = Object.entries(agent.state).filter(([name]) => !agent.growing?.includes(name))
  let state = zerosOf(whole, first.glimpse.shape[0]!)
  let next: Tensors = first
  for (let step = 0; step < steps; step++) {
    const output = agent.step(parameters, next as ObservationTensors, state)
    outputs.push(output)
    state = output.state
    next = yield { output, step }
  }
  return { outputs, last: next as Answer }
}

/** The outputs over T recorded observations: what `step` gave while acting, again, and differentiable. */
export function unroll(agent: Agent, parameters: Tensors, observations: readonly ObservationTensors[]): AgentOutput[] {
  const steps = unrollSteps(agent, parameters, observations[0]!, observations.length)
  let at = steps.next()
  while (!at.done) at = steps.next(observations[at.value.step + 1] ?? {})
  return at.value.outputs
}
