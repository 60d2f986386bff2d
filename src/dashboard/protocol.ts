// What the dashboard's server and its page say to one another, as JSON. Types only: the page is built without Node.

import type { Point, RunState } from '../runs/records.ts'

export type { Point, RunState }

/** One line of the list of runs: `GET /api/runs`. */
export type RunRow = {
  /** The directory, relative to the directory of runs, with forward slashes. */
  readonly name: string
  /** The sweep that it is a trial of, named like a run. */
  readonly sweep?: string
  readonly environment?: string
  readonly algorithm?: string
  readonly state: RunState
  /** Epochs completed. */
  readonly epoch: number
  /** Epochs asked for. */
  readonly epochs?: number
  /** What the errors are, where that is known: see `Measure` in src/runs/records.ts. */
  readonly measure?: string
  /** Greedy: the lowest on the validation items so far. */
  readonly validationError?: number
  /** Greedy, on the test items, where the run is complete. */
  readonly testError?: number
  /** When one of its files last changed: milliseconds since 1970. */
  readonly updated: number
  /** How many things about it could not be shown. */
  readonly problems: number
}

/** `GET /api/runs`. */
export type RunList = {
  /** The directory of runs, as it was given. */
  readonly root: string
  /** The one that changed last comes first. */
  readonly runs: readonly RunRow[]
}

/** `GET /api/run?name=...`. */
export type RunDetail = RunRow & {
  /** config.json, as it is: other versions may have other groups. */
  readonly config?: Readonly<Record<string, unknown>>
  /** summary.json, as it is. */
  readonly summary?: Readonly<Record<string, unknown>>
  readonly points: readonly Point[]
  /** What could not be shown, and why, a sentence each. */
  readonly complaints: readonly string[]
  /** Changes whenever there is a new checkpoint; empty where there is none. */
  readonly checkpoint: string
}

/** `GET /api/gaze?name=...`: some test episodes as the latest checkpoint plays them. */
export type Gaze = {
  /** Epochs that the checkpoint has behind it. */
  readonly epoch: number
  readonly width: number
  readonly height: number
  readonly channels: number
  /** Pixels along one side of the window, by scale, the finest first. */
  readonly windows: readonly number[]
  /** Of the classes or moves. */
  readonly names: readonly string[]
  /** Whether it is a game: a move after every glimpse, and a reward in place of a right class. */
  readonly game: boolean
  readonly episodes: readonly GazeEpisode[]
}

/** One episode. */
export type GazeEpisode = {
  /** uint8 [height, width, channels] in base64: the scene at every glimpse; a single one where it never changes. */
  readonly scenes: readonly string[]
  /** The right class, where there is one. */
  readonly target?: number
  /** Whether its prediction was right, or it was paid. */
  readonly hit: boolean
  /** What came of it: `boot`, `shirt, not coat`, `paid 1`. */
  readonly result: string
  /** (x, y) in [-1, 1] of every glimpse, in order. */
  readonly locations: readonly (readonly [number, number])[]
  /** The class predicted, or the move made, after every glimpse; empty where neither is one of a few. */
  readonly decided: readonly number[]
  /** The probability of every class or move after every glimpse. */
  readonly beliefs: readonly (readonly number[])[]
}

/** `GET /api/events`: server-sent events named `change`. */
export type Change = {
  /** The runs of which a file changed, came or went. */
  readonly names: readonly string[]
}

/** What comes instead, and why. A gaze that cannot be shown is no fault: its status is 200. */
export type Refusal = { readonly error: string }
