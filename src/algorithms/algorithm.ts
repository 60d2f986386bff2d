// The learning's contract: an algorithm is a loss. It turns what the agent thinks over one trajectory, and what came of
// it, into one scalar to be made smaller; collecting, differentiating, clipping and stepping are done for it.
//
// Axes: B episodes, T steps, K classes (or moves).

import type { Scalar, Tensor1D, Tensor2D, Tensor3D } from '@tensorflow/tfjs-core'
import type { Evaluation } from '../agent/agent.ts'
import type { Rng } from '../rng.ts'

/** What was done, what came of it, and what the agent thought at the time. Constants: no gradient flows into them. */
export type Trajectory = {
  /** float32 [T, B, 2]: the locations drawn at each step, before the environment clipped them. */
  readonly location: Tensor3D
  /** int32 [T, B]: the choices drawn at each step. */
  readonly choice: Tensor2D
  /** float32 [T, B] in {0, 1}: whether the agent chose to stop; where the world takes a stop. */
  readonly stop?: Tensor2D
  /** float32 [T, B]: what the environment paid for each step. */
  readonly reward: Tensor2D
  /** float32 [T, B] in {0, 1}: 1 while the episode ran, its last step included. */
  readonly alive: Tensor2D
  /** float32 [T, B] in {0, 1}: 1 where the drawn location was looked at, that is, where another step followed. */
  readonly looked: Tensor2D
  /** float32 [T, B] in {0, 1}: 1 where the choice counted: at each episode's last step, or at every step of a world of moves. */
  readonly decided: Tensor2D
  /** int32 [B]: the right class, where the world has one and supervision is on. */
  readonly target?: Tensor1D
  /** What the agent thought while acting, with the parameters of that moment. */
  readonly recorded: Evaluation
}

/** A scalar per name: this iteration's scheduled numbers, such as the policy's standard deviation. */
export type Scalars<Name extends string = string> = Readonly<Record<Name, Scalar>>

/** The scalar to be minimised under `loss`, and any further scalars to be reported (means over the batch). */
export type Losses = { readonly loss: Scalar } & { readonly [metric: string]: Scalar }

/** How locations are drawn while learning and in sampled evaluation. */
export type Gaze = {
  /** [B, 2] means from the agent, and where to write the B locations drawn. */
  (mean: Float32Array, std: number, step: number, rng: Rng, out: Float32Array): void
}

/**
 * A learning algorithm.
 *
 * Laws:
 * - `loss` is pure and differentiable in `evaluation` alone.
 * - Every loss is a mean over the episodes B, so that shards of a batch of equal size may be averaged.
 */
export interface Algorithm {
  /** As chosen on the command line. */
  readonly name: string
  /** Scheduled numbers at `progress` in [0, 1] of the training; `std`, the policy's standard deviation in location units, must be among them. */
  scalars(progress: number): Readonly<Record<string, number>> & { readonly std: number }
  /** @see Losses. A head whose reward or target is absent has no term in it. */
  loss(evaluation: Evaluation, trajectory: Trajectory, scalars: Scalars): Losses
  /** How often one trajectory is learned from: passes over it, each in this many minibatches of episodes. 1 and 1 by default. */
  readonly reuse?: {
    readonly passes: number
    readonly minibatches: number
    /** Asked after each minibatch with the reported metrics: true ends the passes over this trajectory. */
    enough?(metrics: Readonly<Record<string, number>>): boolean
  }
  /** Whether episodes of one image must come in groups (its M rollouts side by side); the smallest M that makes sense. 1 by default. */
  readonly minimumRollouts?: number
  /** Where the agent's mean is not asked: draws locations instead, in greedy evaluation too. By default, a Gaussian around the mean. */
  readonly gaze?: Gaze
}
