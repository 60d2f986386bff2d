// Learning curves as numbers: runs that differ in nothing but their seed are one group, and a curve is a group's mean and
// range, epoch by epoch.

import { makeAlgorithm } from '../algorithms/registry.ts'
import { UserError } from '../core/errors.ts'
import { asRunConfig, type RunOnDisk } from '../runs/read-run.ts'
import type { Point } from '../runs/records.ts'
import { type Group, meanCurve } from './groups.ts'
import { arrange, shownValue } from './metrics.ts'

/** One epoch of a curve. */
export type CurvePoint = {
  readonly group: string
  readonly epoch: number
  readonly mean: number
  /** The smallest and the largest of the group's runs. */
  readonly low: number
  readonly high: number
}

/** One metric's curves, in the unit that it is shown in. */
export type Panel = {
  /** As in the table of metrics. */
  readonly metric: string
  readonly points: readonly CurvePoint[]
}

/** Of a Gaussian with this standard deviation along both axes, in nats. */
const gaussianEntropy = (std: number | undefined): number | undefined =>
  std ? 1 + Math.log(2 * Math.PI * std ** 2) : undefined

/** The standard deviation of the location draws, in location units, by the run's progress in [0, 1]. */
function scheduledStd({ config }: RunOnDisk): (progress: number) => number | undefined {
  const { algorithm } = asRunConfig(config) ?? {}
  if (!algorithm) return () => undefined
  const { name, ...options } = algorithm
  try {
    const made = makeAlgorithm(name, options)
    return made.locationSampler ? () => undefined : (progress) => made.scalars(progress).std
  } catch (error) {
    if (error instanceof UserError) return () => undefined // an algorithm that is not known here
    throw error
  }
}

/** The panels that these runs have numbers for: validation error, what training reports, and the entropy of the locations. */
export function learningCurves(groups: readonly Group<RunOnDisk>[]): Panel[] {
  const points = groups.flatMap(({ runs }) => runs.flatMap((run) => run.points))
  const names = points.flatMap(({ values }) => Object.keys(values))
  const wanted = names.filter((name) => name === 'validation.error' || name.startsWith('train.'))
  const { main, rest } = arrange([...wanted, 'locationEntropy'])
  return [...main, ...rest]
    .map((metric) => ({ metric, points: groups.flatMap((group) => curveOf(group, metric)) }))
    .filter(({ points }) => points.length > 0)
}

/** A group's points, at the epochs for which every one of its runs (but those without any) has a number. */
function curveOf({ label, runs }: Group<RunOnDisk>, metric: string): CurvePoint[] {
  const series = runs.map((run) => {
    const std = scheduledStd(run)
    const read = (point: Point): number | undefined =>
      metric === 'locationEntropy'
        ? gaussianEntropy(std((point.epoch - 0.5) / (point.epochs ?? run.points.length)))
        : point.values[metric]
    const pairs = run.points.map((point) => [point.epoch, read(point)] as const)
    const known = pairs.filter((pair): pair is [number, number] => Number.isFinite(pair[1]))
    return new Map(known.map(([epoch, value]) => [epoch, shownValue(metric, value)]))
  })
  return meanCurve(series).map(({ at, ...range }) => ({ group: label, epoch: at, ...range }))
}
