// How a run's agent looks now: a few test episodes, played with its latest checkpoint when somebody wants to see them.

import { join } from 'node:path'
import { UserError } from '../core/errors.ts'
import { openRun } from '../inference/open-run.ts'
import type { Replay } from '../inference/replay.ts'
import { verdictOn } from '../report/film.ts'
import { readText } from '../runs/files.ts'
import { RunDirectory } from '../runs/run-directory.ts'
import type { Gaze, GazeEpisode } from './protocol.ts'

/** How many episodes are shown. */
const episodes = 8

/**
 * Plays the episodes of a run's latest checkpoint; one run at a time, and again only when there is a newer checkpoint.
 * @param imports modules that may register environments and algorithms: a run that needs others is refused, for to read
 * a run must not mean to run its code
 */
export function createGaze(imports: readonly string[]): (directory: string) => Promise<Gaze> {
  const known = new Map<string, { readonly print: string; readonly gaze: Promise<Gaze> }>()
  let last: Promise<unknown> = Promise.resolve()
  return (directory) => {
    const print = printOf(directory)
    const found = known.get(directory)
    if (found && found.print === print) return found.gaze
    const gaze = last.then(() => play(directory, imports))
    last = gaze.catch(() => {})
    known.set(directory, { print, gaze })
    return gaze
  }
}

/** The text that changes with every checkpoint. @throws UserError where there is none. */
function printOf(directory: string): string {
  try {
    return readText(join(directory, 'checkpoints/last/state.json'))
  } catch {
    throw new UserError('no checkpoint yet: it comes with the first epoch')
  }
}

async function play(directory: string, imports: readonly string[]): Promise<Gaze> {
  const missing = RunDirectory.open(directory).config.imports.filter((module) => !imports.includes(module))
  if (missing.length > 0)
    throw new UserError(
      `this run needs ${missing.join(', ')}; start the dashboard with --import ${missing.join(' --import ')}`,
    )
  const run = await openRun(directory, { checkpoint: 'last', engine: 'wasm' })
  try {
    const { environment } = run.player
    const replay = await run.player.play(Array.from({ length: Math.min(episodes, environment.itemCount) }, (_, i) => i))
    return gazeOf(replay, run.epoch)
  } finally {
    run.dispose()
  }
}

function gazeOf(replay: Replay, epoch: number): Gaze {
  const picture = replay.pictures?.[0]?.[0]
  if (!picture) throw new UserError('this world cannot be drawn')
  const { width, height, channels, windows } = picture
  return {
    ...{ epoch, width, height, channels, windows },
    names: replay.belief?.names ?? [],
    game: replay.prediction === undefined,
    episodes: Array.from({ length: replay.batch }, (_, b) => episodeOf(replay, b)),
  }
}

function episodeOf(replay: Replay, b: number): GazeEpisode {
  const { lengths, batch, belief, target, locations, drawn, pictures } = replay
  const steps = Array.from({ length: lengths[b]! }, (_, t) => t * batch + b)
  const scenes = steps.map((_, t) => Buffer.from(pictures![t]![b]!.pixels).toString('base64'))
  const { correct, words } = verdictOn(replay, b)
  const named = belief && drawn[belief.of]
  // several places or coordinates are not drawn as bars: of those the page shows the verdict alone
  const single = named?.length === replay.steps * batch
  return {
    scenes: scenes.every((scene) => scene === scenes[0]) ? scenes.slice(0, 1) : scenes,
    ...(target && single && { target: target[b]! }),
    ...{ hit: correct, result: words },
    locations: steps.map((row) => [locations[2 * row]!, locations[2 * row + 1]!]),
    decided: single ? steps.map((row) => named[row]!) : [],
    beliefs: single
      ? steps.map((row) => [...belief!.probabilities.subarray(row * belief!.count, (row + 1) * belief!.count)])
      : [],
  }
}
