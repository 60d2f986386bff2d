// A sweep on disk: journal.jsonl, trials/ with a run directory for each run, report/ when it was asked for.

import { randomUUID } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { UserError } from '../core/errors.ts'
import { inWords } from '../runs/files.ts'
import { holdLock } from '../runs/lock.ts'
import { type Definition, refuseOtherSweep, seedsOf } from './definition.ts'
import { type Entry, hasJournal, Journal, readJournal } from './journal.ts'
import { Trials } from './trials.ts'

/** A sweep's directory, open for sweeping: locked against other processes until `close`. */
export type OpenSweep = {
  readonly journal: Journal
  /** As the journal has it. */
  readonly definition: Definition
  /** Where the run directories are. */
  readonly runs: string
  /** Whether it was begun before. */
  readonly resumed: boolean
  close(): void
}

/**
 * Begin a sweep, or go on with the one that is there.
 * @throws UserError where another process sweeps there, another sweep is there, or nothing can be written.
 */
export function openSweep(directory: string, definition: Definition): OpenSweep {
  try {
    mkdirSync(directory, { recursive: true })
  } catch (error) {
    throw inWords(error, `cannot make the directory ${directory}`)
  }
  const close = holdLock(join(directory, 'lock'))
  try {
    const path = journalPath(directory)
    const resumed = hasJournal(path)
    const journal = resumed ? Journal.resume(path) : Journal.create(path, randomUUID(), definition)
    refuseOtherSweep(journal.definition, definition, directory)
    const { trials } = definition.options
    if (trialsOf(journal.entries) !== trials) journal.append({ event: 'trials', trials })
    return { journal, definition: journal.definition, runs: runsOf(directory), resumed, close }
  } catch (error) {
    close()
    throw error
  }
}

/** What a sweep has come to, read without disturbing whoever sweeps. */
export type SweepState = {
  readonly definition: Definition
  readonly trials: Trials
  /** How many trials were asked for. */
  readonly count: number
  readonly runs: string
}

/** @throws UserError where there is no sweep. */
export function readSweep(directory: string): SweepState {
  const path = journalPath(directory)
  if (!hasJournal(path)) throw new UserError(`${directory} holds no sweep: there is no journal.jsonl`)
  const entries = readJournal(path)
  const [first] = entries
  const { definition } = first as Extract<Entry, { event: 'sweep' }>
  const trials = new Trials(seedsOf(definition), definition.options.objective, entries, path)
  return { definition, trials, count: trialsOf(entries), runs: runsOf(directory) }
}

const journalPath = (directory: string): string => join(directory, 'journal.jsonl')
const runsOf = (directory: string): string => join(directory, 'trials')

/** How many trials the sweep has, as it was said last. */
function trialsOf(entries: readonly Entry[]): number {
  return entries.reduce(
    (count, entry) =>
      entry.event === 'trials' ? entry.trials : entry.event === 'sweep' ? entry.definition.options.trials : count,
    0,
  )
}
