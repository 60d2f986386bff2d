// The world's contract: B copies of one visual task, stepped together, in plain typed arrays. Types and their laws;
// `checkEnvironment` holds an environment to them.
//
// Axes: B episodes in a batch, T steps, S scales, G glimpse side, C channels, D dimensions of a location.

import type { Box, Discrete, Space, SpaceValues } from './spaces.ts'

/** What is observed. The arrays are the caller's to keep: an environment never writes to them again. */
export type Observation = {
  /** float32 [B, S, G, G, C] in [0, 1]: the foveated window at S scales, the finest first. */
  readonly glimpse: Float32Array
  /** float32 [B, D] in [-1, 1]: where it was really taken; in an image (x, y), (-1, -1) the top-left corner, (0, 0) the centre. */
  readonly location: Float32Array
  /** float32 [B, ...]: any further box of `observationSpace`. */
  readonly [name: string]: Float32Array
}

/**
 * What is done and said at one step: a value for every space of `actionSpace`, by its name and, where the world has a
 * `predictionSpace`, the prediction.
 */
export type Action = {
  /** float32 [B, D] for a Box (the environment clips it), int32 [B] for Discrete, int32 [B, n] for MultiDiscrete. */
  readonly [action: string]: SpaceValues | undefined
  /** A value of `predictionSpace`: what the agent now believes. The world scores it when it counts. */
  readonly prediction?: SpaceValues
  /** float32 [B, K]: the probabilities of the prediction's categories (of MultiDiscrete, place after place). Only where `readsProbabilities`. */
  readonly probabilities?: Float32Array
}

/** What supervision and reports may use, and the agent must not see. */
export type Info = {
  /** The right prediction, [B, ...] in `predictionSpace`, the same at every step of an episode; where the task has one. */
  readonly target?: SpaceValues
}

/** What `reset` returns. */
export type Start = { readonly observation: Observation; readonly info: Info }

/** What `step` returns. */
export type Step = Start & {
  /** float32 [B]. */
  readonly reward: Float32Array
  /** uint8 [B]: 1 from the step at which the task ended the episode: nothing is to be had after it. */
  readonly terminated: Uint8Array
  /** uint8 [B]: 1 from the step at which a limit outside the task cut the episode off: it would have gone on. */
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
  /** Where locations of 1 lie, by x and y: shares of the way from the middle to the border; [1, 1] by default. */
  readonly span?: readonly [number, number]
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

/** The spaces of what is observed. */
export type ObservationSpace = { readonly glimpse: Box; readonly location: Box; readonly [name: string]: Box }

/** The spaces of what moves the world, by name. `location` and `stop` have a meaning of their own; other names are free. */
export type ActionSpace = {
  /** Where to look next: a place, or a move from here (`locationAction`). */
  readonly location?: Box
  /** 1 ends the episode now, with the prediction given. */
  readonly stop?: Discrete
  readonly [name: string]: Space | undefined
}

/**
 * A visual world.
 *
 * Laws:
 * - Same seed, same items: same episodes, bit for bit. An episode depends on the seed, its item and its repetition
 *   alone, never on what else is in the batch, so a batch may be cut and shared out.
 * - Every episode ends within `horizon` steps. An episode that has ended pays 0 and ignores actions until the next
 *   reset. There is no autoreset.
 * - The observation of a terminated episode is that of the step before: what its last action would have shown is never
 *   seen. The observation of a truncated episode is the next one, from whose value it is bootstrapped. Then it stays.
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
  /** Per episode: glimpse [S, G, G, C] in [0, 1], location [D] in [-1, 1], and further boxes of any shape. */
  readonly observationSpace: ObservationSpace
  /** Per episode: what moves the world. `prediction` and `probabilities` are no names for an action. */
  readonly actionSpace: ActionSpace
  /** Whether the action `location` is a place (the default) or a move from where the last glimpse was taken. */
  readonly locationAction?: 'place' | 'move'
  /** What is to be said of an episode: a class (Discrete), several (MultiDiscrete), coordinates (Box); none in a world that is only played. */
  readonly predictionSpace?: Space
  /** When a prediction counts: with an episode's last step (the default), or with every step. */
  readonly predictionScored?: 'last-step' | 'every-step'
  /** Whether `step` reads `action.probabilities`. */
  readonly readsProbabilities?: boolean
  /** Whether every episode takes exactly `horizon` steps: a promise that saves work; false by default. */
  readonly fixedLength?: boolean
  /** Whether an episode may be truncated; false by default. */
  readonly truncates?: boolean
  /** [low, high] of the sum of an episode's rewards, where it is known: [0, 1] makes a return a success rate. */
  readonly returnRange?: readonly [number, number]
  /** What the values of a Discrete space are called, by the space's name (an action's, or `prediction`). */
  readonly names?: Readonly<Record<string, readonly string[]>>
  /** Short hex digits that are others when the data that the world shows, or how they are cut into parts, have changed; where it has data. */
  readonly fingerprint?: string
  /** Start a batch of episodes. @throws RangeError on an item outside [0, itemCount). */
  reset(options?: ResetOptions): Start
  /** Take one step in every episode. @throws Error before the first reset, RangeError on arrays of another length or values outside their space. */
  step(action: Action): Step
  /** The world of episode b as it stands now; the pixels are the caller's. Worlds without it can be learned, but not watched. */
  render?(episode: number): Picture
}
