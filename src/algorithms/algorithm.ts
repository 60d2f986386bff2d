// An algorithm's contract: it is a loss. It turns the agent's outputs over one trajectory, and what came of it, into one
// scalar to be made smaller; collecting, differentiating, clipping and stepping are done for it.
//
// Axes: B episodes, T steps, D dimensions of a location.

import type { Scalar } from '@tensorflow/tfjs-core'
import type { Outputs } from '../agent/agent.ts'
import type { Rng } from '../core/rng.ts'
import type { Trajectory } from './trajectory.ts'

/** This iteration's scheduled numbers, by name, such as the policy's standard deviation. */
export type Scalars = { readonly [name: string]: Scalar } & { readonly std: Scalar }

/** What a loss gives. */
export type Loss = {
  /** To be minimised. */
  readonly loss: Scalar
  /** To be reported: further scalars by name, means over the batch. Names that the training itself reports are refused. */
  readonly metrics: { readonly [name: string]: Scalar }
}

/** What a location sampler goes by, in one episode at one step. */
export type LocationContext = {
  /** float32 [D]: the mean of the agent's location head; zeros where the agent has none. */
  readonly mean: Float32Array
  /** float32 [D]: where the last glimpse was taken. */
  readonly location: Float32Array
  /** Of the policy. */
  readonly std: number
  /** 0 for the first action. */
  readonly step: number
  readonly rng: Rng
}

/** Writes a place to look at next, float32 [D] in [-1, 1], to `out`; in a world of moves the eye goes towards it. */
export type LocationSampler = (context: LocationContext, out: Float32Array) => void

/**
 * Where the target teaches the prediction: at each episode's last step (the paper), at every step alike, at every step with
 * a weight that rises with the glimpses seen, or nowhere.
 */
export type Supervision = 'last' | 'every' | 'rising' | 'none'

/**
 * A learning algorithm.
 *
 * Laws:
 * - `loss` is pure and differentiable in `outputs` alone. Its advantages and returns are constants, made from the trajectory.
 * - Every loss is a mean over the episodes B, and compares no episode with any but the other rollouts of its item, so that
 *   the losses of a batch's shards average to the batch's. (An option that departs from this says so.)
 * - A truncated episode is bootstrapped from the value of its last observation, a terminated one is not.
 */
export interface Algorithm {
  /** As chosen on the command line. */
  readonly name: string
  /** What it does with targets, where the world has them. With `none`, predictions are drawn at random and learned by reward. */
  readonly supervision: Supervision
  /** How predicted coordinates are taught: by squared distance (the default), or as a Gaussian whose spread is learned. */
  readonly coordinates?: 'squared' | 'gaussian'
  /** The standard deviation of actions in a Box: as scheduled (the default), or times a factor that the agent learns. */
  readonly spread?: 'scheduled' | 'learned'
  /** Scheduled numbers at `progress` in [0, 1] of the training; `std`, the policy's standard deviation in half-widths of its space, must be among them. */
  scalars(progress: number): { readonly [name: string]: number } & { readonly std: number }
  /** @see Loss */
  loss(outputs: Outputs, trajectory: Trajectory, scalars: Scalars): Loss
  /** How often one trajectory is learned from; once, whole, by default. */
  readonly updates?: UpdateSchedule
  /** The smallest M that the loss can do with; 1 by default. */
  readonly minimumRollouts?: number
  /** Where to look, in place of a Gaussian around the agent's mean: in learning and in every evaluation. */
  readonly locationSampler?: LocationSampler
}

/** Several updates from one trajectory: passes over it, each in minibatches of whole items, the rollouts of an item together. */
export type UpdateSchedule = {
  readonly updateEpochs: number
  readonly minibatches: number
  /** The metric `approximateKl` above which a minibatch's step is not taken and the updates end; for ever by default. */
  readonly targetKl?: number
}
