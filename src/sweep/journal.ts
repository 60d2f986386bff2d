// The journal of a sweep: one JSON object a line, only ever appended to, each line on the disk before anything follows from
// it. It is the single truth: what is not in it has not happened, and a sweep that was killed goes on from it.

import { closeSync, fsyncSync, ftruncateSync, openSync, rmSync } from 'node:fs'
import { z } from 'zod'
import { UserError } from '../core/errors.ts'
import { appendLine, readText, readTextIfThere } from '../runs/files.ts'
import type { Metrics } from '../runs/records.ts'
import type { Definition } from './definition.ts'
import { sweepOptions } from './options.ts'
import type { Point } from './space.ts'
import type { Ending } from './trial.ts'

/** What can happen in a sweep. Trials are numbered from 1, epochs too. */
export type Entry =
  /** The first line. */
  | { readonly event: 'sweep'; readonly format: number; readonly id: string; readonly definition: Definition }
  /** From here on the sweep has so many trials. */
  | { readonly event: 'trials'; readonly trials: number }
  | { readonly event: 'propose'; readonly trial: number; readonly point: Point }
  /** The scheduler lets a trial's runs go on up to this epoch, and no further yet. */
  | { readonly event: 'advance'; readonly trial: number; readonly epoch: number }
  /** What validation said after an epoch of one of the trial's runs. */
  | {
      readonly event: 'epoch'
      readonly trial: number
      readonly seed: number
      readonly epoch: number
      readonly validation: Metrics
    }
  /** A run has come as far as it may; `finished` where nothing is left of it: all epochs, or its patience at an end. */
  | {
      readonly event: 'reached'
      readonly trial: number
      readonly seed: number
      readonly epoch: number
      readonly finished: boolean
    }
  /** Once for every trial. `value` is the objective, the mean over the seeds; absent where there is none. */
  | {
      readonly event: 'end'
      readonly trial: number
      readonly outcome: Ending
      readonly epoch: number
      readonly value?: number
      readonly error?: string
    }

const [trial, epoch, seed] = [z.int().min(1), z.int().min(0), z.int().min(0)]
/** As JSON has them: a number that is not finite is null. */
const metrics = z.record(z.string(), z.number().nullable())

/** What a line may be. What a definition says is checked where it is used. */
const entrySchema = z.discriminatedUnion('event', [
  z.object({
    event: z.literal('sweep'),
    format: z.int(),
    id: z.string().regex(/^\w[\w-]{0,63}$/),
    definition: z.object({
      options: sweepOptions,
      base: z.record(z.string(), z.unknown()),
      space: z.array(z.record(z.string(), z.unknown())),
    }),
  }),
  z.object({ event: z.literal('trials'), trials: trial }),
  z.object({
    event: z.literal('propose'),
    trial,
    point: z.record(z.string(), z.union([z.number(), z.string(), z.boolean()])),
  }),
  z.object({ event: z.literal('advance'), trial, epoch }),
  z.object({ event: z.literal('epoch'), trial, seed, epoch, validation: metrics }),
  z.object({ event: z.literal('reached'), trial, seed, epoch, finished: z.boolean() }),
  z.object({
    event: z.literal('end'),
    trial,
    outcome: z.enum(['complete', 'stopped', 'failed']),
    epoch,
    value: z.number().nullable().optional(),
    error: z.string().optional(),
  }),
])

/** The version of what is on disk. A reader refuses any other. */
export const journalFormat = 1

/** A journal that is open for appending. */
export class Journal {
  readonly path: string
  /** Everything so far. */
  readonly entries: readonly Entry[]
  private readonly mutable: Entry[]

  private constructor(path: string, entries: Entry[]) {
    this.path = path
    this.entries = entries
    this.mutable = entries
  }

  /** Begin a journal. @throws UserError where it cannot be written. */
  static create(path: string, id: string, definition: Definition): Journal {
    // a first line that a crash cut short
    rmSync(path, { force: true })
    const journal = new Journal(path, [])
    journal.append({ event: 'sweep', format: journalFormat, id, definition })
    return journal
  }

  /** Go on with a journal: a line that was cut off by a crash is taken away first. @throws UserError as `readJournal`. */
  static resume(path: string): Journal {
    const entries = readJournal(path)
    dropTornLine(path)
    return new Journal(path, entries)
  }

  /** Write an entry down; on the disk when this returns. @throws UserError where the system refuses: disk full. */
  append(entry: Entry): void {
    appendLine(this.path, JSON.stringify(entry))
    this.mutable.push(entry)
  }

  get definition(): Definition {
    return beginning(this.entries, this.path).definition
  }

  get id(): string {
    return beginning(this.entries, this.path).id
  }
}

/** Whether a sweep was begun: its first line is whole. */
export const hasJournal = (path: string): boolean => readTextIfThere(path)?.includes('\n') ?? false

/** Every whole line of a journal. @throws UserError where there is none, or naming the line that is not what a journal holds. */
export function readJournal(path: string): Entry[] {
  const lines = readText(path).split('\n').slice(0, -1)
  const format = (parsed(lines[0] ?? '') as { format?: unknown } | null | undefined)?.format
  if (format !== undefined && format !== journalFormat)
    throw new UserError(`${path}: format ${JSON.stringify(format)}; this version reads format ${journalFormat}`)
  const entries = lines.flatMap((line, i) => {
    const content = parsed(line)
    // a line can be whole and garbled where the machine lost power before all of it was on the disk
    if (content === undefined && i === lines.length - 1) return []
    const entry = entrySchema.safeParse(content)
    if (entry.success) return [entry.data as Entry]
    const [issue] = entry.error.issues
    const what = content === undefined ? 'not JSON' : `no entry (${issue?.path.join('.') || 'it'}: ${issue?.message})`
    throw new UserError(
      `${path}: line ${i + 1} is ${what}: ${JSON.stringify(line.slice(0, 40))}; remove it or sweep anew`,
    )
  })
  beginning(entries, path)
  return entries
}

function beginning(entries: readonly Entry[], path: string): Extract<Entry, { event: 'sweep' }> {
  const [first] = entries
  if (first?.event !== 'sweep') throw new UserError(`${path}: not the journal of a sweep: its first line is missing`)
  return first
}

/** Cut off what follows the last whole, readable line, so that the next one begins a line of its own. */
function dropTornLine(path: string): void {
  const text = readText(path)
  let end = text.lastIndexOf('\n') + 1
  const lastLine = text.slice(text.lastIndexOf('\n', end - 2) + 1, end)
  if (parsed(lastLine) === undefined) end -= lastLine.length
  if (end === text.length) return
  const file = openSync(path, 'r+')
  try {
    ftruncateSync(file, Buffer.byteLength(text.slice(0, end)))
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
