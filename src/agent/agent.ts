// The mind's contract: parameters as one flat vector, one pure step, and its unrolling over time. Types and their laws.
//
// Axes: B episodes, T steps, S scales, G glimpse side, C channels, K classes (or moves), H hidden units.

import { stack, type Tensor, type Tensor1D, type Tensor2D, type Tensor3D, zeros } from '@tensorflow/tfjs-core'
import type { Rng } from '../core/rng.ts'
import type { Layout, Tensors } from '../core/tensors.ts'

/** What the agent sees at one step, as tensors. */
export type Sight = {
  /** float32 [B, S, G, G, C] in [0, 1]. */
  readonly glimpse: Tensor
  /** float32 [B, 2] in [-1, 1]. */
  readonly location: Tensor
}

/** What the agent makes of it. */
export type Thought = {
  /** float32 [B, 2] in [-1, 1]: the mean of the Gaussian over the next location. */
  readonly locationMean: Tensor2D
  /** float32 [B, K]: unnormalised log-probabilities of the choices. */
  readonly choiceLogits: Tensor2D
  /** float32 [B]: the baseline's estimate of the return to come. */
  readonly value: Tensor1D
  /** float32 [B], where the agent has a stop head: the log-odds of ending the episode now. */
  readonly stopLogit?: Tensor1D
  /** The recurrent state for the next step, named and shaped as `Agent.state`. */
  readonly state: Tensors
}

/**
 * A recurrent attention agent: pure functions of parameters and tensors.
 *
 * Laws:
 * - `step` draws nothing at random, reads no tensor's value, and depends on nothing but its arguments.
 * - Rows do not mix: row b of every output depends on row b of the inputs alone.
 * - The first state is zeros.
 */
export interface Agent {
  /** For messages and checkpoints: the architecture in one line. */
  readonly description: string
  /** The parameters' names and shapes, in the order in which they lie in the vector. */
  readonly layout: Layout
  /** The recurrent state's names and shapes per episode (without B). */
  readonly state: Readonly<Record<string, readonly number[]>>
  /** First parameters, float32 [lengthOf(layout)], the same for the same generator. */
  init(rng: Rng): Float32Array
  /** One step of seeing and thinking. */
  step(parameters: Tensors, sight: Sight, state: Tensors): Thought
}

/** The zeros that every episode starts from. */
export function initialState(agent: Agent, batch: number): Tensors {
  return Object.fromEntries(Object.entries(agent.state).map(([name, shape]) => [name, zeros([batch, ...shape])]))
}

/** The agent's thoughts over a whole trajectory, stacked over time. */
export type Evaluation = {
  /** float32 [T, B, 2]. */
  readonly locationMean: Tensor3D
  /** float32 [T, B, K]. */
  readonly choiceLogits: Tensor3D
  /** float32 [T, B]. */
  readonly value: Tensor2D
  /** float32 [T, B], where the agent has a stop head. */
  readonly stopLogit?: Tensor2D
}

/** Stack the thoughts of T steps. */
export function stackThoughts(thoughts: readonly Thought[]): Evaluation {
  const stopLogits = thoughts.flatMap(({ stopLogit }) => (stopLogit ? [stopLogit] : []))
  return {
    locationMean: stack(thoughts.map((thought) => thought.locationMean)) as Tensor3D, // [T, B, 2]
    choiceLogits: stack(thoughts.map((thought) => thought.choiceLogits)) as Tensor3D, // [T, B, K]
    value: stack(thoughts.map((thought) => thought.value)) as Tensor2D, // [T, B]
    ...(stopLogits.length > 0 && { stopLogit: stack(stopLogits) as Tensor2D }), // [T, B]
  }
}

/** Think through T recorded sights from the zero state: what `step` gave while acting, again, and differentiable. */
export function evaluate(agent: Agent, parameters: Tensors, sights: readonly Sight[]): Evaluation {
  let state = initialState(agent, sights[0]!.glimpse.shape[0]!)
  const thoughts = sights.map((sight) => {
    const thought = agent.step(parameters, sight, state)
    state = thought.state
    return thought
  })
  return stackThoughts(thoughts)
}
