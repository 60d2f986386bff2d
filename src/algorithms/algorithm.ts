// The learning's contract: an algorithm is a loss. It turns what the agent thinks over one trajectory, and what came of
// it, into one scalar to be made smaller; collecting, differentiating, clipping and stepping are done for it.
//
// Axes: B episodes, T steps, K classes (or moves).

import type { Scalar, Tensor1D, Tensor2D, Tensor3D } from '@tensorflow/tfjs-core'
import type { Evaluation } from '../agent/agent.ts'
import type { Rng } from '../core/rng.ts'

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
  /** float32 [T, B] in {0, 1}: 1 where the drawn location was looked at, that is, where the episode had another step. */
  readonly looked: Tensor2D
  /** float32 [T, B] in {0, 1}: 1 where the choice counted: at each episode's last step, or at every step of a world of moves. */
  readonly decided: Tensor2D
  /** The first step at which a choice can count at all: `decided` is 0 before it, whatever happens. */
  readonly firstDecision: number
  /** int32 [B]: the right class, where the world has one and the algorithm asked for supervision. */
  readonly target?: Tensor1D
  /** What the agent thought while acting, with the parameters of that moment. */
  readonly recorded: Evaluation
  /** M: rollouts of each item, side by side: row b is rollout b mod M of its item. */
  readonly rollouts: number
}

/** This iteration's scheduled numbers, by name, such as the policy's standard deviation. */
export type Scalars = { readonly [name: string]: Scalar } & { readonly std: Scalar }

/** The scalar to be minimised under `loss`, and any further scalars to be reported (means over the batch). */
export type Losses = { readonly loss: Scalar; readonly [metric: string]: Scalar }

/** Draws B locations into `out` [B, 2], given the agent's means [B, 2], the standard deviation, and the step (0 is the first move). */
export type Gaze = (mean: Float32Array, std: number, step: number, rng: Rng, out: Float32Array) => void

/**
 * Where the choice is taught its target by cross-entropy: at each episode's last step (the paper), at every step alike, at
 * every step with a weight that rises with the glimpses seen, or nowhere.
 */
export type Supervision = 'last' | 'every' | 'rising' | 'none'

/**
 * A learning algorithm.
 *
 * Laws:
 * - `loss` is pure and differentiable in `evaluation` alone. Its advantages and returns are constants, made from what was
 *   recorded.
 * - Every loss is a mean over the episodes B, and compares no episode with any but the other rollouts of its item, so that
 *   the losses of a batch's shards average to the batch's. (An option that departs from this says so.)
 */
export interface Algorithm {
  /** As chosen on the command line. */
  readonly name: string
  /** What it does with targets, where the world has them. With `none`, choices are drawn at random and learned by reward. */
  readonly supervision: Supervision
  /** Scheduled numbers at `progress` in [0, 1] of the training; `std`, the policy's standard deviation in location units, must be among them. */
  scalars(progress: number): { readonly [name: string]: number } & { readonly std: number }
  /** @see Losses */
  loss(evaluation: Evaluation, trajectory: Trajectory, scalars: Scalars): Losses
  /** How often one trajectory is learned from; once, whole, by default. */
  readonly reuse?: Reuse
  /** The smallest M that the loss can do with; 1 by default. */
  readonly minimumRollouts?: number
  /** Where to look, in place of a Gaussian around the agent's mean: in learning and in every evaluation. */
  readonly gaze?: Gaze
}

/** Several passes over one trajectory, each in minibatches of whole items: the rollouts of an item stay together. */
export type Reuse = {
  readonly passes: number
  readonly minibatches: number
  /** A reported metric that, where it exceeds `limit` in a minibatch, ends the passes before that minibatch's step. */
  readonly enough?: { readonly metric: string; readonly limit: number }
}
