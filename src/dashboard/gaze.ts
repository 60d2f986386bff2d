// How a run's agent looks now: a few test episodes, played with its latest checkpoint when somebody wants to see them.

import { join } from 'node:path'
import { UserError } from '../core/errors.ts'
import { openRun } from '../inference/open-run.ts'
import { readText } from '../runs/files.ts'
import { RunDirectory } from '../runs/run-directory.ts'
import { gazeOf } from './gaze-of.ts'
import type { Gaze } from './protocol.ts'

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
