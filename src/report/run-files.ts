// What a run's directory says, read forgivingly: whatever is there and whole, and one line about whatever is not.

import { readFileSync } from 'node:fs'
import { basename, join, resolve } from 'node:path'
import { UserError } from '../core/errors.ts'
import type { RunConfig } from '../runs/config.ts'
import { inWords, isMissing } from '../runs/files.ts'
import type { EpochRecord, Summary } from '../runs/records.ts'

/** A run as far as it can be read. */
export type RunFiles = {
  readonly path: string
  /** The directory's own name. */
  readonly name: string
  readonly config: RunConfig | undefined
  /** In order, each epoch once. */
  readonly epochs: readonly EpochRecord[]
  readonly summary: Summary | undefined
  /** One line each: what could not be read, and why. */
  readonly problems: readonly string[]
}

/** Read a run. Never throws on what the files hold. @throws UserError where there is no such directory. */
export function readRunFiles(path: string): RunFiles {
  const problems: string[] = []
  const read = (name: string): string | undefined => {
    try {
      return readFileSync(join(path, name), 'utf8')
    } catch (error) {
      if (!isMissing(error)) throw inWords(error, `cannot read ${join(path, name)}`)
      return undefined
    }
  }
  const parse = (name: string): unknown => {
    const content = read(name)
    if (content === undefined) return undefined
    try {
      return JSON.parse(content)
    } catch (error) {
      problems.push(`${join(path, name)}: not JSON (${(error as Error).message})`)
      return undefined
    }
  }
  const configuration = parse('config.json')
  const config = isConfig(configuration) ? configuration : undefined
  const lines = read('metrics.jsonl')
  if (configuration === undefined && lines === undefined) throw new UserError(`${path} holds no run`)
  if (configuration === undefined) problems.push(`${join(path, 'config.json')} is missing or unreadable`)
  else if (!config) problems.push(`${join(path, 'config.json')}: not a run's configuration, perhaps of another version`)
  const summary = parse('summary.json') as Summary | undefined
  const { epochs, unreadable } = readEpochs(lines ?? '')
  const metrics = join(path, 'metrics.jsonl')
  if (unreadable.length > 0)
    problems.push(
      `${metrics}: left out line${unreadable.length > 1 ? 's' : ''} ${unreadable.join(', ')}: half-written, or of another version`,
    )
  if (epochs.length === 0) problems.push(`${metrics} has no epoch yet`)
  return { path, name: basename(resolve(path)), config, epochs, summary, problems }
}

/** The epochs of metrics.jsonl, and the numbers of the lines that say none. Of two lines for one epoch the later counts. */
function readEpochs(content: string): { epochs: EpochRecord[]; unreadable: number[] } {
  const epochs = new Map<number, EpochRecord>()
  const unreadable: number[] = []
  for (const [i, line] of content.split('\n').entries()) {
    if (line.trim() === '') continue
    const record = parsed(line) as Partial<EpochRecord> | null | undefined
    if (typeof record?.epoch === 'number' && typeof record.train === 'object' && record.train)
      epochs.set(record.epoch, record as EpochRecord)
    else unreadable.push(i + 1)
  }
  return { epochs: [...epochs.values()].sort((a, b) => a.epoch - b.epoch), unreadable }
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line)
  } catch {
    return undefined
  }
}

function isConfig(value: unknown): value is RunConfig {
  const config = value as Partial<RunConfig> | null | undefined
  return Boolean(config?.environment?.id && config.algorithm?.name && config.training)
}
