// A job off the queue, read with care: whoever can write to Redis can write one. Nothing of it is used before all of it is what a
// sweep of this version would have ordered, and what this worker was started for.

import { createRequire } from 'node:module'
import { availableParallelism } from 'node:os'
import { resolve, sep } from 'node:path'
import { z } from 'zod'
import { UserError } from '../core/errors.ts'
import { completeConfig, type PartialConfig } from '../runs/config.ts'
import { refuseTooLarge } from '../training/size.ts'
import type { EpochResult, Outcome, Segment } from './segment.ts'

/** What a job says. */
export type JobData = { readonly version: string; readonly sweep: string; readonly segment: Segment }

/** What a worker lets jobs use. */
export type Allowed = {
  /** Modules, as absolute paths or names of packages. */
  readonly imports: readonly string[]
  /** Directories that images and data sets may be read from. */
  readonly data: readonly string[]
}

/** The version that sweeps and workers must share, for equal configurations to be equal runs. */
export const codeVersion: string = createRequire(import.meta.url)('saccade/package.json').version

/** A run's name below the directory of runs: never a path. */
const runName = /^\d{1,9}(-seed-\d{1,16})?$/

const segmentSchema = z.strictObject({
  trial: z.int().min(1),
  seed: z.int().min(0),
  name: z.string().regex(runName),
  config: z.strictObject({
    environment: z.record(z.string(), z.unknown()),
    agent: z.record(z.string(), z.unknown()),
    algorithm: z.record(z.string(), z.unknown()),
    training: z.record(z.string(), z.unknown()),
    imports: z.array(z.string()).max(100),
  }),
  toEpoch: z.int().min(1).max(1_000_000),
})

const jobSchema = z.strictObject({
  version: z.string().max(100),
  sweep: z.string().regex(/^\w[\w-]{0,63}$/),
  segment: segmentSchema,
})

/** Bytes of a job at most. */
const largest = 2 ** 20

/**
 * What a job says, checked but for its configuration, whose modules must be imported first.
 * @throws UserError where it is not one of this version's, or wants what this worker was not started for.
 */
export function parseJob(data: unknown, allowed: Allowed): JobData {
  if (JSON.stringify(data ?? null).length > largest) throw refusal('it is larger than any')
  const version = (data as { version?: unknown } | null)?.version
  if (version !== codeVersion)
    throw refusal(
      `it is of version ${JSON.stringify(version)?.slice(0, 40) ?? 'none'}, this worker of "${codeVersion}"; run the same on both sides`,
    )
  const parsed = jobSchema.safeParse(data)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    throw refusal(`${issue?.path.join('.') || 'it'}: ${issue?.message}`)
  }
  const { sweep, segment } = parsed.data
  const { imports, environment, training } = segment.config
  const strange = imports.filter((module) => !allowed.imports.includes(module))
  if (strange.length > 0)
    throw refusal(`it names modules that this worker was not started with; add --import ${strange.join(' --import ')}`)
  const from = environment.data
  if (typeof from === 'string' && from !== '' && !allowed.data.some((directory) => isInside(from, directory)))
    throw refusal(`it reads ${from}, which this worker was not started with; add --data ${from}`)
  const most = 2 * availableParallelism()
  if (typeof training.workers === 'number' && training.workers > most)
    throw refusal(`training.workers: ${training.workers} given; this machine takes at most ${most}`)
  return { version: codeVersion, sweep, segment: segment as unknown as Segment }
}

/** @throws UserError where the configuration is none, or not a complete one: its modules are imported. */
export function checkJobConfig({ segment: { config, toEpoch } }: JobData): void {
  try {
    const complete = completeConfig(config as PartialConfig)
    refuseTooLarge(complete)
    if (toEpoch > complete.training.epochs)
      throw new UserError(`toEpoch: ${toEpoch} given; it has ${complete.training.epochs} epochs`)
  } catch (error) {
    throw error instanceof UserError ? refusal(error.message) : error
  }
}

const outcomeSchema = z.discriminatedUnion('status', [
  z.object({
    status: z.literal('reached'),
    epoch: z.int().min(0),
    finished: z.boolean(),
    results: z.array(z.object({ epoch: z.int().min(1), validation: z.record(z.string(), z.number()) })).max(1_000_000),
  }),
  z.object({ status: z.literal('failed'), error: z.string() }),
  z.object({ status: z.literal('stopped') }),
])

/** What a worker says came of a job. @throws UserError where it is nothing that one says. */
export function parseOutcome(returned: unknown): Outcome {
  const parsed = outcomeSchema.safeParse(returned)
  if (parsed.success) return parsed.data as Outcome
  throw new UserError(`a worker answered what no worker of this version does: ${parsed.error.issues[0]?.message}`)
}

/** The results in a job's progress that are what a worker tells; anything else is passed over. */
export function parseResults(progress: unknown): EpochResult[] {
  const parsed = z.object({ results: outcomeSchema.options[0].shape.results }).safeParse(progress)
  return parsed.success ? (parsed.data.results as EpochResult[]) : []
}

/** How a refusal begins: the sweep knows by it that trying again is no use. */
export const refused = 'this worker refuses the job: '
const refusal = (why: string): UserError => new UserError(`${refused}${why.replace(/\s+/g, ' ').slice(0, 500)}`)

const isInside = (path: string, directory: string): boolean =>
  resolve(path) === resolve(directory) || resolve(path).startsWith(resolve(directory) + sep)
