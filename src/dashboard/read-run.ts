// Runs as they lie on disk, whatever state they are in: half written, damaged, of another version. Nothing here throws on
// what a file says; what cannot be shown becomes a complaint, and the rest is shown.

import { type Dirent, readdirSync, readFileSync, type Stats, statSync } from 'node:fs'
import { join } from 'node:path'
import { inWords, isMissing } from '../runs/files.ts'
import { isHeld } from '../runs/lock.ts'
import type { Point, RunDetail, RunRow, RunState } from './protocol.ts'

/** The files that tell of a run, each of which may be missing. */
const told = ['config.json', 'metrics.jsonl', 'summary.json', 'lock', 'checkpoints/last/state.json'] as const
/** What makes a directory a run. */
const marks = ['config.json', 'metrics.jsonl', 'checkpoints']
/** How many directories below the directory of runs one may lie: `sweep/seed-1` is two. */
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

/** Changes whenever any file that tells of the run does, and when the process that trains in it dies. */
export function fingerprint(root: string, name: string): string {
  const directory = join(root, name)
  const files = told.map((file) => stamp(join(directory, file)))
  return [...files, stateOf(directory, false) === 'training'].join(' ')
}

/** Everything that can be shown of a run. */
export function readRun(root: string, name: string): RunDetail {
  const directory = join(root, name)
  const complaints: string[] = []
  const config = readObject(directory, 'config.json', complaints)
  const summary = readObject(directory, 'summary.json', complaints)
  const points = readMetrics(directory, complaints)
  if (!config && !complaints.some((complaint) => complaint.startsWith('config.json')))
    complaints.unshift('config.json is missing: how this run was made is not known')
  const row = rowOf(name, directory, { config, summary, points, complaints })
  return {
    ...row,
    ...(config && { config }),
    ...(summary && { summary }),
    points,
    complaints,
    checkpoint: stamp(join(directory, 'checkpoints/last/state.json')),
  }
}

/** The line of the list that a run's details come to. */
export function summarise({
  config: _,
  summary: __,
  points: ___,
  complaints: ____,
  checkpoint: _____,
  ...row
}: RunDetail): RunRow {
  return row
}

type Read = Pick<RunDetail, 'points' | 'complaints'> & {
  readonly config: RunDetail['config'] | undefined
  readonly summary: RunDetail['summary'] | undefined
}

function rowOf(name: string, directory: string, { config, summary, points, complaints }: Read): RunRow {
  const environment = asText(asObject(config?.environment)?.id) ?? asText(summary?.environment)
  const algorithm = asText(asObject(config?.algorithm)?.name) ?? asText(summary?.algorithm)
  const epochs = asNumber(asObject(config?.training)?.epochs)
  const errors = points.flatMap(({ values }) => values['validation.error'] ?? [])
  const testError = asNumber(asObject(summary?.testError)?.greedy)
  return {
    name,
    ...(environment !== undefined && { environment }),
    ...(algorithm !== undefined && { algorithm }),
    state: stateOf(directory, summary !== undefined, points.length),
    epoch: points.at(-1)?.epoch ?? 0,
    ...(epochs !== undefined && { epochs }),
    ...(errors.length > 0 && { validationError: Math.min(...errors) }),
    ...(testError !== undefined && { testError }),
    updated: Math.max(0, ...told.map((file) => changedAt(join(directory, file)))),
    problems: complaints.length,
  }
}

function stateOf(directory: string, complete: boolean, epochs = 0): RunState {
  if (complete) return 'complete'
  try {
    if (isHeld(join(directory, 'lock'))) return 'training'
  } catch {
    // a lock that cannot be read tells nothing
  }
  return epochs > 0 ? 'stopped' : 'empty'
}

/** The epochs of metrics.jsonl that can be read. */
function readMetrics(directory: string, complaints: string[]): Point[] {
  const text = readText(directory, 'metrics.jsonl', complaints)
  if (text === undefined) return []
  const lines = text.split('\n')
  const unfinished = lines.pop()
  const points = new Map<number, Point>()
  const unreadable: number[] = []
  for (const [i, line] of lines.entries()) {
    const point = pointOf(parseObject(line))
    // an epoch that was trained again after a crash has two lines, of which the later one counts
    if (point) points.set(point.epoch, point)
    else unreadable.push(i + 1)
  }
  if (unreadable.length > 0) complaints.push(`metrics.jsonl: ${inList(unreadable)} no epoch of this format; left out`)
  if (unfinished) complaints.push(`metrics.jsonl: line ${lines.length + 1} is half written; left out until it is whole`)
  return [...points.values()].sort((a, b) => a.epoch - b.epoch)
}

/** Every finite number of an epoch's line, by name. */
function pointOf(record: Record<string, unknown> | undefined): Point | undefined {
  const epoch = asNumber(record?.epoch)
  if (!record || epoch === undefined) return undefined
  const values: Record<string, number> = {}
  for (const [name, value] of Object.entries(record)) {
    if (typeof value === 'number' && name !== 'epoch' && name !== 'epochs') values[name] = value
    for (const [inner, number] of Object.entries(asObject(value) ?? {}))
      if (typeof number === 'number') values[`${name}.${inner}`] = number
  }
  return { epoch, values }
}

function readObject(directory: string, file: string, complaints: string[]): Record<string, unknown> | undefined {
  const text = readText(directory, file, complaints)
  if (text === undefined) return undefined
  const found = parseObject(text)
  if (!found) complaints.push(`${file} is no JSON object: damaged, or half copied`)
  return found
}

function readText(directory: string, file: string, complaints: string[]): string | undefined {
  try {
    return readFileSync(join(directory, file), 'utf8')
  } catch (error) {
    if (!isMissing(error)) complaints.push((inWords(error, `${file} cannot be read`) as Error).message)
    return undefined
  }
}

function parseObject(text: string): Record<string, unknown> | undefined {
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

const changedAt = (path: string): number => statOf(path)?.mtimeMs ?? 0

function statOf(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false })
  } catch {
    return undefined
  }
}

const asObject = (value: unknown): Record<string, unknown> | undefined =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : undefined
const asText = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined)
const asNumber = (value: unknown): number | undefined => (Number.isFinite(value) ? (value as number) : undefined)

/** `line 3 is`, `lines 3, 4 and 2 more are`. */
function inList(lines: readonly number[]): string {
  if (lines.length === 1) return `line ${lines[0]} is`
  const more = lines.length > 3 ? ` and ${lines.length - 3} more` : ''
  return `lines ${lines.slice(0, 3).join(', ')}${more} are`
}
