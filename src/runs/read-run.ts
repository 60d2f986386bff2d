// The one reader of what a run leaves on disk, whatever state that is in: half written, damaged, of another version. Nothing
// here throws on what a file says; what cannot be read is one line of `problems`, and the rest is there.

import { type Dirent, readdirSync, type Stats, statSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import type { RunConfig } from './config.ts'
import { inWords, isMissing, readRegular } from './files.ts'
import { isHeld } from './lock.ts'
import { asObject, asText, type JsonObject, pointOf } from './points.ts'
import type { Point, RunState } from './records.ts'

/** A run as far as it can be read. */
export type RunOnDisk = {
  readonly path: string
  /** The directory's own name. */
  readonly name: string
  readonly state: RunState
  /** config.json, as it is: other versions may have other groups. */
  readonly config: JsonObject | undefined
  /** summary.json, as it is. */
  readonly summary: JsonObject | undefined
  /** What its errors are, by its summary or its last epoch: see `Measure`. */
  readonly measure: string | undefined
  /** In order, each epoch once. */
  readonly points: readonly Point[]
  /** One line each, beginning with the file's name: what could not be read, and why. */
  readonly problems: readonly string[]
  /** Changes whenever there is a new checkpoint; empty where there is none. */
  readonly checkpoint: string
  /** When one of its files last changed: milliseconds since 1970; 0 where there is none. */
  readonly updated: number
}

/** The files that a run is read from, each of which may be missing. */
const files = ['config.json', 'metrics.jsonl', 'summary.json', 'lock', 'checkpoints/last/state.json'] as const
/** Bytes of a file that is read here at most: a hundred thousand epochs. */
const largest = 48 * 2 ** 20
/** What makes a directory a run. */
const marks = ['config.json', 'metrics.jsonl', 'checkpoints']
/** How many directories below the directory of runs one may lie: `sweep/trials/0001` is three. */
const deepest = 3

/** The names of all runs under a directory, relative to it, with forward slashes. Links are not followed. */
export function listRuns(root: string): string[] {
  const found: string[] = []
  const walk = (directory: string, name: string, depth: number): void => {
    const entries = entriesOf(directory)
    if (name !== '' && entries.some((entry) => marks.includes(entry.name))) {
      found.push(name)
      return
    }
    if (depth === deepest) return
    for (const entry of entries) {
      if (!entry.isDirectory() || entry.name.startsWith('.')) continue
      walk(join(directory, entry.name), name === '' ? entry.name : `${name}/${entry.name}`, depth + 1)
    }
  }
  walk(root, '', 0)
  return found
}

/** Whether a directory holds a run. */
export const isRun = (path: string): boolean => entriesOf(path).some(({ name }) => marks.includes(name))

/** Whether a directory holds a sweep. */
export const isSweep = (path: string): boolean => statOf(join(path, 'journal.jsonl')) !== undefined

/** Changes whenever any file that a run is read from does, and when the process that trains in it dies. */
export function fingerprint(path: string): string {
  return [...files.map((file) => stamp(join(path, file))), stateOf(path, false) === 'training'].join(' ')
}

/** Everything that can be read of a run. Never throws; `isRun` says whether there is one. */
export function readRun(path: string): RunOnDisk {
  const problems: string[] = []
  const config = readObject(path, 'config.json', problems)
  if (!config && problems.length === 0) problems.push('config.json is missing: how this run was made is not known')
  const summary = readObject(path, 'summary.json', problems)
  const { points, measure } = readMetrics(path, problems)
  return {
    ...{ path, name: basename(resolve(path)), config, summary, points, problems },
    measure: asText(summary?.measure) ?? measure,
    state: stateOf(path, summary !== undefined, points.length),
    checkpoint: stamp(join(path, 'checkpoints/last/state.json')),
    updated: Math.max(0, ...files.map((file) => statOf(join(path, file))?.mtimeMs ?? 0)),
  }
}

/** A configuration that this version can play, or undefined where it has other groups. */
export function asRunConfig(value: unknown): RunConfig | undefined {
  const { environment, agent, algorithm, training, imports } = (value ?? {}) as Partial<RunConfig>
  return environment?.id && agent && algorithm?.name && training && imports ? (value as RunConfig) : undefined
}

/** The whole lines of a file of one JSON object a line, undefined where a line holds none; and what follows the last. */
export function parseLines(text: string): {
  readonly lines: readonly (JsonObject | undefined)[]
  readonly rest: string
} {
  const lines = text.split('\n')
  const rest = lines.pop()!
  return { lines: lines.map(parseObject), rest }
}

/** The epochs of metrics.jsonl that can be read, and what their errors are where the last one says it. */
function readMetrics(path: string, problems: string[]): { points: Point[]; measure?: string | undefined } {
  const text = readText(path, 'metrics.jsonl', problems)
  if (text === undefined) return { points: [] }
  const points = new Map<number, Point>()
  const unreadable: number[] = []
  const { lines, rest } = parseLines(text)
  for (const [i, line] of lines.entries()) {
    const point = pointOf(line)
    // an epoch that was trained again after a crash has two lines, of which the later one counts
    if (point) points.set(point.epoch, point)
    else unreadable.push(i + 1)
  }
  if (unreadable.length > 0) problems.push(`metrics.jsonl: ${inList(unreadable)} no epoch of this format; left out`)
  if (rest) problems.push(`metrics.jsonl: line ${lines.length + 1} is half written; left out until it is whole`)
  return { points: [...points.values()].sort((a, b) => a.epoch - b.epoch), measure: asText(lines.at(-1)?.measure) }
}

function stateOf(path: string, complete: boolean, epochs = 0): RunState {
  if (complete) return 'complete'
  try {
    if (isHeld(join(path, 'lock'))) return 'training'
  } catch {
    // a lock that cannot be read says nothing
  }
  return epochs > 0 ? 'stopped' : 'empty'
}

function readObject(path: string, file: string, problems: string[]): JsonObject | undefined {
  const text = readText(path, file, problems)
  if (text === undefined) return undefined
  const found = parseObject(text)
  if (!found) problems.push(`${file} is no JSON object: damaged, or half copied`)
  return found
}

function readText(path: string, file: string, problems: string[]): string | undefined {
  try {
    return readRegular(join(path, file), largest).toString()
  } catch (error) {
    if (!isMissing(error))
      problems.push((inWords(error, `${file} cannot be read`) as Error).message.replace(join(path, file), file))
    return undefined
  }
}

function parseObject(text: string): JsonObject | undefined {
  try {
    return asObject(JSON.parse(text))
  } catch {
    return undefined
  }
}

function entriesOf(directory: string): Dirent[] {
  try {
    return readdirSync(directory, { withFileTypes: true })
  } catch {
    return []
  }
}

/** When a file changed and how long it is; empty where it cannot be seen. */
function stamp(path: string): string {
  const stat = statOf(path)
  return stat ? `${stat.mtimeMs}+${stat.size}` : ''
}

function statOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false })
  } catch {
    return undefined
  }
}

/** `line 3 is`, `lines 3, 4 and 2 more are`. */
function inList(lines: readonly number[]): string {
  if (lines.length === 1) return `line ${lines[0]} is`
  const more = lines.length > 3 ? ` and ${lines.length - 3} more` : ''
  return `lines ${lines.slice(0, 3).join(', ')}${more} are`
}
