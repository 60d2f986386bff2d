// A run on disk: config.json, metrics.jsonl (a line per epoch), summary.json at the end, and the checkpoints' places.
// What a checkpoint holds is in checkpoint.ts.

import { existsSync, mkdirSync, readdirSync, rmdirSync, rmSync, type Stats, statSync } from 'node:fs'
import { join } from 'node:path'
import { UserError } from '../core/errors.ts'
import type { RunConfig } from './config.ts'
import { appendLine, inWords, readTextIfThere, writeWhole } from './files.ts'
import { holdLock } from './lock.ts'
import type { EpochRecord, Summary } from './records.ts'

/** An option that was changed where a run went on. */
export type Change = { readonly option: string; readonly from: unknown; readonly to: unknown }

/**
 * A run's directory, for reading or, where `create` or `resume` made it, for training: then it is locked against other
 * processes until `close`.
 */
export class RunDirectory {
  /** As given, or `runs/...`. */
  readonly path: string
  private current: RunConfig
  private release: (() => void) | undefined
  /** What tells the directory from another of its name. */
  private readonly identity: string | undefined

  private constructor(path: string, config: RunConfig, release: (() => void) | undefined) {
    this.path = path
    this.current = config
    this.release = release
    this.identity = identityOf(path)
  }

  /**
   * Begin a run: make the directory, lock it, write config.json. A run there that has learned nothing yet, for it was stopped
   * or failed before its first checkpoint, is replaced.
   * @param path by default `runs/<environment>-<algorithm>-<number>`
   * @throws UserError where it holds a run already, is being trained in, or cannot be written.
   */
  static create(config: RunConfig, path?: string): RunDirectory {
    const made = path ?? newPath('runs', `${config.environment.id}-${config.algorithm.name}`)
    refuseRun(made)
    makeDirectory(made)
    const release = holdLock(join(made, 'lock'))
    try {
      refuseRun(made)
      removeRemains(made)
      const run = new RunDirectory(made, config, release)
      run.writeConfig(config)
      return run
    } catch (error) {
      release()
      throw error
    }
  }

  /** Open a run for reading. @throws UserError where there is none. */
  static open(path: string): RunDirectory {
    return new RunDirectory(path, readConfig(path), undefined)
  }

  /** Open a run to go on training: locked, and half-written lines are gone. @throws UserError where there is none, or another process trains in it. */
  static resume(path: string): RunDirectory {
    readConfig(path)
    const release = holdLock(join(path, 'lock'))
    try {
      return new RunDirectory(path, readConfig(path), release)
    } catch (error) {
      release()
      throw error
    }
  }

  /** config.json: every option of the run. */
  get config(): RunConfig {
    return this.current
  }

  /** Replace config.json, where a run goes on with other options (more epochs). */
  writeConfig(config: RunConfig): void {
    this.refuseMoved()
    writeWhole(join(this.path, 'config.json'), inLines(config))
    this.current = config
  }

  /** Add what changed where the run went on to changes.jsonl, with the epoch after which it did. */
  noteChanges(changes: readonly Change[]): void {
    const afterEpoch = changes.length > 0 ? (this.epochs().at(-1)?.epoch ?? 0) : 0
    for (const change of changes)
      appendLine(join(this.path, 'changes.jsonl'), JSON.stringify({ afterEpoch, ...change }))
  }

  /** Append an epoch's line to metrics.jsonl; on the disk when this returns. */
  appendEpoch(record: EpochRecord): void {
    this.refuseMoved()
    appendLine(join(this.path, 'metrics.jsonl'), JSON.stringify(record))
  }

  /** The lines of metrics.jsonl; a last line that was cut off does not count. @throws UserError on any other line that is no epoch. */
  epochs(): EpochRecord[] {
    const path = join(this.path, 'metrics.jsonl')
    const lines = (readTextIfThere(path) ?? '').split('\n').slice(0, -1)
    return lines.flatMap((line, i) => {
      const record = parsed(line) as Partial<EpochRecord> | null | undefined
      if (Number.isInteger(record?.epoch) && typeof record?.train === 'object' && record.train)
        return [record as EpochRecord]
      // a line can be whole and garbled where the machine lost power before all of it was on the disk
      if (record === undefined && i === lines.length - 1) return []
      throw new UserError(
        `${path}: line ${i + 1} is ${record === undefined ? 'not JSON' : 'no epoch'}: ${JSON.stringify(line.slice(0, 40))}; remove it or train anew`,
      )
    })
  }

  /**
   * Before going on from a checkpoint: drop from metrics.jsonl what came after `epoch` completed epochs and what was half
   * written, so that no epoch has two lines; and the summary of a run that is no longer at its end.
   */
  rewind(epoch: number): void {
    const kept = this.epochs().filter((record) => record.epoch <= epoch)
    const text = kept.map((record) => `${JSON.stringify(record)}\n`).join('')
    const path = join(this.path, 'metrics.jsonl')
    if (text !== (readTextIfThere(path) ?? '')) writeWhole(path, text)
    rmSync(join(this.path, 'summary.json'), { force: true })
  }

  /** Write summary.json: the run is complete. */
  writeSummary(summary: Summary): void {
    this.refuseMoved()
    writeWhole(join(this.path, 'summary.json'), inLines(summary))
  }

  /** summary.json, where the run is complete. */
  summary(): Summary | undefined {
    const path = join(this.path, 'summary.json')
    const text = readTextIfThere(path)
    if (text === undefined) return undefined
    const summary = parse(text, path) as Summary | null
    if (typeof summary !== 'object' || !summary) throw new UserError(`${path}: not a run's summary; remove it`)
    return summary
  }

  /** Let other processes train here. */
  close(): void {
    this.release?.()
    this.release = undefined
  }

  /** Close, and take away what `create` made, where the run has learned nothing yet. Whatever else is there stays. */
  discard(): void {
    const mine = this.release !== undefined && identityOf(this.path) === this.identity
    if (mine && !isBegun(this.path)) {
      removeRemains(this.path)
      rmSync(join(this.path, 'config.json'), { force: true })
    }
    this.close()
    try {
      rmdirSync(this.path)
    } catch {
      // other files are there
    }
  }

  /** @throws UserError where the directory is no longer where it was: writing would make another of its name. */
  private refuseMoved(): void {
    if (this.identity === undefined || identityOf(this.path) === this.identity) return
    throw new UserError(
      `${this.path}: the run's directory was removed or renamed while it was trained in; what was saved is where it went: go on with --resume THERE`,
    )
  }
}

/** The first `<parent>/<name>-<number>` that is not taken yet, made. */
function newPath(parent: string, name: string): string {
  const safe = name.replace(/[^\w.-]+/g, '-')
  makeDirectory(parent)
  for (let number = 1; ; number++) {
    const path = join(parent, `${safe}-${String(number).padStart(3, '0')}`)
    try {
      mkdirSync(path)
      return path
    } catch (error) {
      if ((error as { code?: unknown }).code !== 'EEXIST') throw inWords(error, `cannot make the directory ${path}`)
    }
  }
}

function makeDirectory(path: string): void {
  try {
    mkdirSync(path, { recursive: true })
  } catch (error) {
    throw inWords(error, `cannot make the directory ${path}`)
  }
}

/** Whether there is anything in a run's directory that would be lost with it: an epoch, a checkpoint, or a summary. */
export function isBegun(path: string): boolean {
  const kept = ['summary.json', 'checkpoints/last/state.json', 'checkpoints/best/state.json']
  if (kept.some((name) => existsSync(join(path, name)))) return true
  const metrics = statIfThere(join(path, 'metrics.jsonl'))
  return metrics !== undefined && (!metrics.isFile() || metrics.size > 0)
}

/** Take away what is left of a run that never came to a checkpoint: half-written files, and what was drawn of it. */
function removeRemains(path: string): void {
  const remains = readdirSync(path).filter((name) =>
    /^(checkpoints|metrics\.jsonl|(config|summary)\.json\.tmp|events\.out\.tfevents\..*)$/.test(name),
  )
  for (const name of remains) rmSync(join(path, name), { recursive: true, force: true })
}

/** What tells a directory from another of its name; undefined where there is none. */
function identityOf(path: string): string | undefined {
  const stat = statIfThere(path)
  return stat && `${stat.dev}/${stat.ino}`
}

function statIfThere(path: string): Stats | undefined {
  try {
    return statSync(path)
  } catch {
    return undefined // not there, or not to be seen: whoever writes there will say why
  }
}

/** @throws UserError where a directory holds a run. */
function refuseRun(path: string): void {
  if (isBegun(path))
    throw new UserError(
      `${path} already holds a run; go on with it by --resume ${path}, or choose another directory with --out`,
    )
}

function readConfig(path: string): RunConfig {
  const file = join(path, 'config.json')
  const text = readTextIfThere(file)
  if (text === undefined) {
    const known = existsSync(path) ? `${file} is missing` : 'no such directory'
    throw new UserError(`${path} holds no run: ${known}`)
  }
  const config = parse(text, file) as Partial<RunConfig> | null
  const wrong = complaintAbout(config)
  if (wrong) throw new UserError(`${file}: not a run's configuration: ${wrong}`)
  return config as RunConfig
}

/** What of a configuration is not as `train` writes it. */
function complaintAbout(config: Partial<RunConfig> | null): string | undefined {
  const groups = ['environment', 'agent', 'algorithm', 'training'] as const
  const missing = groups.find((group) => typeof config?.[group] !== 'object' || !config[group])
  if (missing) return `the group "${missing}" is missing`
  const { environment, agent, algorithm, imports } = config as RunConfig
  const names = { 'environment.id': environment.id, 'agent.name': agent.name, 'algorithm.name': algorithm.name }
  const nameless = Object.entries(names).find(([, name]) => typeof name !== 'string' || name === '')
  if (nameless) return `${nameless[0]}: ${JSON.stringify(nameless[1])} given; expected a name`
  if (!Array.isArray(imports) || !imports.every((module) => typeof module === 'string' && module.trim() !== ''))
    return `imports: ${JSON.stringify(imports)} given; expected a list of modules`
  return undefined
}

function parse(text: string, path: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new UserError(`${path}: not JSON (${(error as Error).message})`)
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const inLines = (value: unknown): string => `${JSON.stringify(value, undefined, 2)}\n`
