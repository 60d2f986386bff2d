// What the page and its workers say to one another.

import type { Gaze } from '../../src/dashboard/protocol.ts'
import type { Picture } from '../../src/env/environment.ts'
import type { AgentCard } from '../../src/inference/agent-file.ts'
import type { LookStep } from '../../src/inference/trained-agent.ts'
import type { PartialConfig } from '../../src/runs/config.ts'
import type { EpochRecord, Measure, Summary } from '../../src/runs/records.ts'
import type { Spot } from '../scene.ts'

/** Digits to pick from; pieces of them are the clutter. */
export type Digits = {
  /** uint8 [N, 28, 28]. */
  readonly images: Uint8Array
  /** uint8 [N]. */
  readonly labels: Uint8Array
}

export type { Spot }

/** Who says where to look. */
export const eyes = ['learned', 'raster', 'random', 'centre'] as const
export type EyeName = (typeof eyes)[number]

/** What is put before the eye, and which eye. */
export type SceneRequest = {
  /** uint8 [28, 28]. */
  readonly digit: Uint8Array
  /** Pieces of other digits strewn about it. */
  readonly clutter: number
  /** Decides where the clutter lies, and the digit where the scene is larger. */
  readonly scatter: number
  /** Decides where the first look goes. */
  readonly first: number
  /** Where the digit's middle lies, where the scene is larger; else `scatter` decides. */
  readonly place?: Spot
  /** Where the first looks go, in its place; the agent goes on from the last. */
  readonly locations?: readonly Spot[]
  /** `learned` by default; of the others, only the first look is as said above. */
  readonly eye?: EyeName
}

/** From the first glimpse to the last. */
export type Episode = { readonly picture: Picture; readonly looks: readonly LookStep[]; readonly milliseconds: number }

/** What a worker does, by name. */
export type Tasks = {
  /** What an agent file says of itself. */
  card: { request: { file: Uint8Array }; answer: AgentCard }
  /** Take an agent file, and digits to make scenes of. */
  load: { request: { file: Uint8Array; digits: Digits }; answer: AgentCard }
  /** Have a scene looked at. */
  play: { request: SceneRequest; answer: Episode }
  /** Get a training ready, from an agent file where there is one; it waits for `permit`. */
  train: { request: TrainingRequest; answer: TrainingStart }
  permit: { request: Permit; answer: undefined }
  /** The agent as it is now, and how good it is. */
  save: { request: Record<never, never>; answer: SavedAgent }
}

export type Permit = 'run' | 'pause' | 'step'

export type TrainingRequest = {
  readonly config: PartialConfig
  /** An agent file whose parameters it begins with. */
  readonly from?: Uint8Array | undefined
  /** Where the four IDX files of MNIST are, with a slash at its end. */
  readonly digits: string
}

export type TrainingStart = {
  readonly parameters: number
  readonly itemsPerEpoch: number
  readonly epochs: number
  readonly measure: Measure
  /** Before anything is learned: percent, or as `measure` says. */
  readonly figure: number
  /** Whether there are pictures of this world. */
  readonly drawn: boolean
}

export type SavedAgent = {
  readonly file: Uint8Array
  readonly epoch: number
  readonly measure: Measure
  /** Greedy, on the test items. */
  readonly figure: number
  readonly items: number
}

/** What a training tells by itself. */
export type News =
  | { readonly epoch: EpochRecord }
  /** In [0, 1]: how much of the current epoch is done. */
  | { readonly progress: number; readonly imagesPerSecond: number; readonly secondsLeft: number }
  /** `kept` where it is of an epoch's end. */
  | { readonly gaze: Gaze; readonly kept: boolean }
  | { readonly summary: Summary | null }
  | { readonly failure: string }

export type Ask = { readonly id: number } & {
  readonly [Task in keyof Tasks]: { readonly task: Task; readonly request: Tasks[Task]['request'] }
}[keyof Tasks]
export type Say =
  | { readonly id: number; readonly answer: unknown }
  | { readonly id: number; readonly error: string }
  | News
