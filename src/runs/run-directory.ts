// A run on disk: config.json, metrics.jsonl (a line per epoch), summary.json at the end, and the checkpoints' places.
// What a checkpoint holds is in checkpoint.ts.

import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { UserError } from '../core/errors.ts'
import type { RunConfig } from './config.ts'
import { appendLine, inWords, isMissing, writeWhole } from './files.ts'
import { holdLock } from './lock.ts'
import { asRunConfig, parseLines } from './read-run.ts'
import type { EpochRecord, Summary } from './records.ts'

/**
 * A run's directory, for reading or, where `create` or `resume` made it, for training: then it is locked against other
 * processes until `close`.
 */
export class RunDirectory {
  /** As given, or `runs/...`. */
  readonly path: string
  private current: RunConfig
  private release: (() => void) | undefined

  private constructor(path: string, config: RunConfig, release: (() => void) | undefined) {
    this.path = path
    this.current = config
    this.release = release
  }

  /**
   * Begin a run: make the directory, lock it, write config.json.
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
    writeWhole(join(this.path, 'config.json'), inLines(config))
    this.current = config
  }

  /** Append an epoch's line to metrics.jsonl; on the disk when this returns. */
  appendEpoch(record: EpochRecord): void {
    appendLine(join(this.path, 'metrics.jsonl'), JSON.stringify(record))
  }

  /** The lines of metrics.jsonl; a last line that was cut off does not count. @throws UserError on any other line that is no JSON. */
  epochs(): EpochRecord[] {
    const path = join(this.path, 'metrics.jsonl')
    const text = readIfThere(path) ?? ''
    const { lines } = parseLines(text)
    return lines.flatMap((record, i) => {
      if (record) return [record as EpochRecord]
      // a line can be whole and garbled where the machine lost power before all of it was on the disk
      if (i === lines.length - 1) return []
      const words = JSON.stringify(text.split('\n')[i]!.slice(0, 40))
      throw new UserError(`${path}: line ${i + 1} is not JSON: ${words}; remove it or train anew`)
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
    if (text !== (readIfThere(path) ?? '')) writeWhole(path, text)
    rmSync(join(this.path, 'summary.json'), { force: true })
  }

  /** Write summary.json: the run is complete. */
  writeSummary(summary: Summary): void {
    writeWhole(join(this.path, 'summary.json'), inLines(summary))
  }

  /** summary.json, where the run is complete. */
  summary(): Summary | undefined {
    const text = readIfThere(join(this.path, 'summary.json'))
    return text === undefined ? undefined : (parse(text, join(this.path, 'summary.json')) as Summary)
  }

  /** Let other processes train here. */
  close(): void {
    this.release?.()
    this.release = undefined
  }

  /** Close, and take away what `create` made, where the run could not even begin. Whatever else is there stays. */
  discard(): void {
    this.close()
    const left = readdirSync(this.path).filter((name) => name !== 'config.json')
    if (left.length > 0) return
    rmSync(this.path, { recursive: true })
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

/** @throws UserError where a directory holds a run. */
function refuseRun(path: string): void {
  if (['config.json', 'metrics.jsonl', 'checkpoints'].some((name) => existsSync(join(path, name))))
    throw new UserError(
      `${path} already holds a run; go on with it by --resume ${path}, or choose another directory with --out`,
    )
}

function readConfig(path: string): RunConfig {
  const file = join(path, 'config.json')
  const text = readIfThere(file)
  if (text === undefined) {
    const known = existsSync(path) ? `${file} is missing` : 'no such directory'
    throw new UserError(`${path} holds no run: ${known}`)
  }
  const config = asRunConfig(parse(text, file))
  if (!config)
    throw new UserError(`${file}: not a run's configuration (environment, agent, algorithm, training and imports)`)
  return config
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (isMissing(error)) return undefined
    throw inWords(error, `cannot read ${path}`)
  }
}

function parse(text: string, path: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new UserError(`${path}: not JSON (${(error as Error).message})`)
  }
}

const inLines = (value: unknown): string => `${JSON.stringify(value, undefined, 2)}\n`
