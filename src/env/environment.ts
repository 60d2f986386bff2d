// The world's contract: B copies of one visual task, stepped together, in plain typed arrays. Types and their laws;
// `checkEnvironment` holds an environment to them.
//
// Axes: B episodes in a batch, T steps, S scales, G glimpse side, C channels, K classes (or moves).

import type { Box, Discrete } from './spaces.ts'

/** What the eye sees. The arrays are the caller's to keep: an environment never writes to them again. */
export type Observation = {
  /** float32 [B, S, G, G, C] in [0, 1]: the foveated window at S scales, the finest first. */
  readonly glimpse: Float32Array
  /** float32 [B, 2] in [-1, 1]: where it was taken, (x, y); (-1, -1) is the top-left corner of the top-left pixel, (0, 0) the centre. */
  readonly location: Float32Array
}

/** What the agent does. */
export type Action = {
  /** float32 [B, 2]: where to look next, (x, y); the environment clips it to [-1, 1]. */
  readonly location: Float32Array
  /** int32 [B] in [0, K): the class named or the move made (the paper's a_t). */
  readonly choice: Int32Array
  /** uint8 [B]: 1 ends the episode now with this choice. Only where `actionSpace.stop` exists; otherwise ignored. */
  readonly stop?: Uint8Array
  /** float32 [B, K] in [0, 1]: the agent's class probabilities. Only where `actionSpace.belief` exists; otherwise ignored. */
  readonly belief?: Float32Array
}

/** What supervision and reports may use, and the agent must not see. */
export type Info = {
  /** int32 [B] in [0, K): the right class, where the task has one. */
  readonly target?: Int32Array
}

/** What `reset` returns. */
export type Start = { readonly observation: Observation; readonly info: Info }

/** What `step` returns. */
export type Step = Start & {
  /** float32 [B]. */
  readonly reward: Float32Array
  /** uint8 [B]: 1 from the step at which the task ended the episode. */
  readonly terminated: Uint8Array
  /** uint8 [B]: 1 from the step at which a limit outside the task ended the episode. */
  readonly truncated: Uint8Array
}

/** A world as a bystander sees it, whole: for reports and never for the agent. */
export type Picture = {
  /** uint8 [H, W, C]; C is 1 for grey, 3 for RGB. */
  readonly pixels: Uint8Array
  /** Pixels. */
  readonly height: number
  /** Pixels. */
  readonly width: number
  /** C. */
  readonly channels: number
  /** Pixels [S]: the sides of the eye's windows, the finest first. */
  readonly windows: readonly number[]
}

/** Which episodes to start. */
export type ResetOptions = {
  /** Any integer; without it the environment continues its own sequence of seeds. */
  readonly seed?: number
  /**
   * [B] integers in [0, itemCount): which images (or numbered episodes) to show; the batch has their number. The k-th
   * repetition of an item in a batch is the k-th rollout of the same scene from another first look. Without it,
   * `batchSize` items are drawn from the seed.
   */
  readonly items?: ArrayLike<number>
}

/**
 * A visual world.
 *
 * Laws:
 * - Same seed, same items: same episodes, bit for bit. An episode depends on the seed, its item and its repetition
 *   alone, never on what else is in the batch, so a batch may be cut and shared out.
 * - Every episode ends within `horizon` steps. An episode that has ended pays 0 and ignores actions until the next
 *   reset; its observation stays as it was. There is no autoreset.
 * - The last action's location is never looked at: no step follows in which it could be.
 * - `info.target` is in `info` alone.
 */
export interface Environment {
  /** The registered name, such as `MNIST`. */
  readonly id: string
  /** B where `reset` is not told which items. */
  readonly batchSize: number
  /** T: the largest number of steps an episode can take. */
  readonly horizon: number
  /** How many different items there are; Infinity where episodes are made up as they come. */
  readonly itemCount: number
  /** When the choice counts: at the end of the episode (naming a class), or at every step (making a move). */
  readonly choiceAt: 'end' | 'every-step'
  /** Per episode: glimpse [S, G, G, C] in [0, 1], location [2] in [-1, 1]. */
  readonly observationSpace: { readonly glimpse: Box; readonly location: Box }
  /** Per episode: location [2] in [-1, 1], choice one of K; stop and belief where the world takes them. */
  readonly actionSpace: {
    readonly location: Box
    readonly choice: Discrete
    readonly stop?: Discrete
    readonly belief?: Box
  }
  /** What the choices are called, [K], where they have names. */
  readonly choiceNames?: readonly string[]
  /** Start a batch of episodes. @throws RangeError on an item outside [0, itemCount). */
  reset(options?: ResetOptions): Start
  /** Take one step in every episode. @throws Error before the first reset, RangeError on arrays of another length or a choice outside [0, K). */
  step(action: Action): Step
  /** The world of episode b as it stands now; the pixels are the caller's. Worlds without it can be learned, but not watched. */
  render?(episode: number): Picture
}
