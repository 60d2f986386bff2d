// Learning curves as numbers: runs that differ in nothing but their seed are one group, and a curve is a group's mean and
// range, epoch by epoch.

import { makeAlgorithm } from '../algorithms/registry.ts'
import { UserError } from '../core/errors.ts'
import type { RunConfig } from '../runs/config.ts'
import type { EpochRecord } from '../runs/records.ts'
import type { RunFiles } from './run-files.ts'

/** Runs of one configuration. */
export type Group<Run = RunFiles> = {
  /** What sets this group apart from the others, for a legend. */
  readonly label: string
  readonly runs: readonly Run[]
}

/** One epoch of a curve. */
export type Point = {
  readonly group: string
  readonly epoch: number
  readonly mean: number
  /** The smallest and the largest of the group's runs. */
  readonly low: number
  readonly high: number
}

/** One metric's curves. */
export type Panel = {
  readonly title: string
  readonly points: readonly Point[]
}

/** What may differ between two runs that are to be averaged: the seed, and what must not change what is learned. */
const incidental = new Set(['training.seed', 'training.engine', 'training.workers'])

/** Group runs by configuration. A run without one is a group of its own. */
export function groupRuns<Run extends Pick<RunFiles, 'name' | 'config'>>(runs: readonly Run[]): Group<Run>[] {
  const groups = new Map<string, { options: Map<string, string>; runs: Run[] }>()
  for (const [i, run] of runs.entries()) {
    const options = run.config ? flatten(run.config) : new Map([['run', `${run.name} ${i}`]])
    const key = JSON.stringify([...options].sort())
    const group = groups.get(key)
    if (group) group.runs.push(run)
    else groups.set(key, { options, runs: [run] })
  }
  const all = [...groups.values()]
  const names = [...new Set(all.flatMap(({ options }) => [...options.keys()]))]
  const telling = names.filter((name) => new Set(all.map(({ options }) => options.get(name))).size > 1)
  const labels = all.map(({ options, runs: [first] }) => labelOf(options, telling, first!.name))
  return all.map((group, i) => ({
    label: labels.indexOf(labels[i]!) === i ? labels[i]! : `${labels[i]} (${group.runs[0]!.name})`,
    runs: group.runs,
  }))
}

/** `ppo, 8 glimpses` where it is short, else the run's name. */
function labelOf(options: Map<string, string>, telling: readonly string[], name: string): string {
  const parts = telling.flatMap((key) => {
    const value = options.get(key)
    if (value === undefined) return []
    return key === 'environment.id' || key === 'algorithm.name' ? [value] : [`${key.split('.').at(-1)} ${value}`]
  })
  const label = parts.join(', ')
  return parts.length === 0 || label.length > 48 || options.has('run') ? name : label
}

function flatten(config: RunConfig): Map<string, string> {
  const options = new Map<string, string>()
  for (const [group, values] of Object.entries(config))
    for (const [name, value] of Object.entries(values ?? {}))
      if (!incidental.has(`${group}.${name}`)) options.set(`${group}.${name}`, String(value))
  return options
}

type Reading = {
  readonly title: string
  readonly read: (record: EpochRecord, std: (progress: number) => number | undefined) => number | undefined
}

const percent = (share: number | undefined): number | undefined => (share === undefined ? undefined : 100 * share)

/** What people look for first, in this order. */
const known: readonly Reading[] = [
  { title: 'Validation error, %', read: ({ validation }) => validation?.error },
  { title: 'Loss', read: ({ train }) => train.loss },
  { title: 'Training accuracy, %', read: ({ train }) => percent(train.accuracy) },
  { title: 'Return', read: ({ train }) => train.return },
  { title: "Baseline's squared error", read: ({ train }) => train.baseline },
  { title: 'Spread of the locations', read: ({ train }) => train.spread },
  {
    title: "Entropy of a location's draw, nats",
    read: ({ epoch, epochs }, std) => gaussianEntropy(std((epoch - 0.5) / epochs)),
  },
]
/** Of a Gaussian with this standard deviation along both axes. */
const gaussianEntropy = (std: number | undefined): number | undefined =>
  std ? 1 + Math.log(2 * Math.PI * std ** 2) : undefined

/** The standard deviation of the location draws, in location units, by the run's progress in [0, 1]. */
function scheduledStd({ config }: RunFiles): (progress: number) => number | undefined {
  if (!config) return () => undefined
  const { name, ...options } = config.algorithm
  try {
    const algorithm = makeAlgorithm(name, options)
    return algorithm.locationSampler ? () => undefined : (progress) => algorithm.scalars(progress).std
  } catch (error) {
    if (error instanceof UserError) return () => undefined // an algorithm that is not known here
    throw error
  }
}

/** Losses are reported by what they teach. */
const lossNames = new Set(['supervised', 'policy'])
const read = new Set(['loss', 'accuracy', 'return', 'baseline', 'spread'])

/** The panels that these runs have numbers for: the known ones, then whatever else the algorithm reports. */
export function learningCurves(groups: readonly Group[]): Panel[] {
  const records = groups.flatMap(({ runs }) => runs.flatMap(({ epochs }) => epochs))
  const names = [...new Set(records.flatMap(({ train }) => Object.keys(train)))].filter((name) => !read.has(name))
  const further = names.map(
    (name): Reading => ({
      title: lossNames.has(name) ? `${inWords(name)} loss` : inWords(name),
      read: ({ train }) => train[name],
    }),
  )
  return [...known, ...further]
    .map(({ title, read }) => ({ title, points: groups.flatMap((group) => pointsOf(group, read)) }))
    .filter(({ points }) => points.length > 0)
}

/** A group's points, at the epochs for which every one of its runs (but those without any) has a number. */
function pointsOf({ label, runs }: Group, readingOf: Reading['read']): Point[] {
  const series = runs
    .map((run) => {
      const std = scheduledStd(run)
      const pairs = run.epochs.map((record) => [record.epoch, readingOf(record, std)] as const)
      return new Map(pairs.filter((pair): pair is [number, number] => Number.isFinite(pair[1])))
    })
    .filter((values) => values.size > 0)
  const [first] = series
  if (!first) return []
  const common = [...first.keys()].filter((epoch) => series.every((values) => values.has(epoch)))
  return common.map((epoch) => ({ group: label, epoch, ...spreadOf(series.map((values) => values.get(epoch)!)) }))
}

/** The mean and the range of some numbers. */
export function spreadOf(values: readonly number[]): Pick<Point, 'mean' | 'low' | 'high'> {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  return { mean, low: Math.min(...values), high: Math.max(...values) }
}

/** `policyLoss` as `Policy loss`. */
function inWords(name: string): string {
  const words = name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
  return words.charAt(0).toUpperCase() + words.slice(1)
}
