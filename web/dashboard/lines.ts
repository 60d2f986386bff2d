// The lines of a chart out of runs: grouped, smoothed, by epochs, images, environment steps or minutes; and all of it as a table. Pure.

import type { RunDetail } from '../../src/dashboard/protocol.ts'
import { type Group, groupBy, groupRuns, meanCurve } from '../../src/report/groups.ts'
import type { LinePoint } from '../../src/report/line-chart.ts'
import { shownValue, titleOf } from '../../src/report/metrics.ts'
import type { Settings } from './settings.ts'

/** A line of one metric. */
export type Line = {
  readonly label: string
  readonly points: readonly LinePoint[]
  /** Before they were smoothed, where they were. */
  readonly raw?: readonly LinePoint[]
}

/** What goes across, in words. */
export const acrossWords = {
  epochs: 'epoch',
  images: 'images',
  steps: 'environment steps',
  minutes: 'minutes of training',
} as const

/** What the runs have in common, where they agree. */
function agreed<Value>(runs: readonly RunDetail[], read: (run: RunDetail) => Value): Value | undefined {
  const all = new Set(runs.map(read))
  return all.size === 1 ? [...all][0] : undefined
}

/** What the runs' errors are, where they agree: see `Measure` in src/runs/records.ts. */
export const measureOf = (runs: readonly RunDetail[]): string | undefined => agreed(runs, ({ measure }) => measure)

/** The error of a blind guess, where all runs have the same. */
export const chanceOf = (runs: readonly RunDetail[]): number | undefined =>
  agreed(runs, ({ points }) => points.at(-1)?.values.chance)

/** The runs in groups, each with a name of its own: a group a run, or as the settings say. */
export function groupsOf(runs: readonly RunDetail[], { group }: Pick<Settings, 'group'>): Group<RunDetail>[] {
  if (group === 'seeds') return groupRuns(runs)
  if (group !== '') return groupBy(runs, group)
  const names = shortNames(runs.map(({ name }) => name))
  return runs.map((run, i) => ({ label: names[i]!, runs: [run] }))
}

/** Names without the folders and words at their beginning that all of them have in common; a number keeps the word before it. */
export function shortNames(names: readonly string[]): string[] {
  const all = names.map((name) => name.split(/(?<=[/_.-])/))
  let common = 0
  while (all.length > 1 && all.every((parts) => parts.length > common + 1 && parts[common] === all[0]![common]))
    common++
  const rest = (from: number): string[] => all.map((parts) => parts.slice(from).join(''))
  const bare = rest(common).some((name) => /^\d+$/.test(name)) && common > 0 && !all[0]![common - 1]!.endsWith('/')
  return rest(bare ? common - 1 : common)
}

/** A metric's lines, one a group. */
export function linesOf(metric: string, groups: readonly Group<RunDetail>[], { x, smoothing, log }: Settings): Line[] {
  return groups.map(({ label, runs }) => {
    const across = meanCurve(runs.map((run) => placesOf(run, x)))
    const places = new Map(across.map(({ at, mean }) => [at, mean]))
    const points = meanCurve(runs.map((run) => valuesOf(run, metric))).flatMap(
      ({ at, mean, low, high }): LinePoint[] => {
        const place = places.get(at)
        if (place === undefined) return []
        return [{ x: place, y: mean, ...(runs.length > 1 && { low, high }) }]
      },
    )
    return smoothing > 0 ? { label, points: smoothed(points, smoothing, log), raw: points } : { label, points }
  })
}

/** A metric by epoch, in the unit that it is shown in. */
function valuesOf({ points }: RunDetail, metric: string): Map<number, number> {
  return new Map(
    points.flatMap(({ epoch, values }) =>
      values[metric] === undefined ? [] : [[epoch, shownValue(metric, values[metric])] as const],
    ),
  )
}

/** Where each epoch lies across. Of epochs that are missing, the next one's size is taken. */
function placesOf({ points }: RunDetail, x: Settings['x']): Map<number, number> {
  if (x === 'epochs') return new Map(points.map(({ epoch }) => [epoch, epoch]))
  const places = new Map<number, number>()
  let [before, sum] = [0, 0]
  for (const { epoch, values } of points) {
    const { seconds, imagesPerSecond, steps } = values
    const size = { images: seconds! * imagesPerSecond!, steps: steps!, minutes: seconds! / 60 }[x]
    if (!Number.isFinite(size)) continue
    sum += size * (epoch - before)
    before = epoch
    places.set(epoch, sum)
  }
  return places
}

/** The exponential moving average, corrected for its start (as TensorBoard has it); of logarithms on a logarithmic axis. */
export function smoothed(points: readonly LinePoint[], weight: number, log: boolean): LinePoint[] {
  const [there, back] = log ? [Math.log, Math.exp] : [(value: number) => value, (value: number) => value]
  const follow = (read: (point: LinePoint) => number): number[] => {
    let [last, mass] = [0, 0]
    return points.map((point) => {
      const value = there(read(point))
      if (!Number.isFinite(value)) return read(point)
      last = weight * last + (1 - weight) * value
      mass = weight * mass + (1 - weight)
      return back(last / mass)
    })
  }
  const y = follow((point) => point.y)
  const low = follow((point) => point.low ?? point.y)
  const high = follow((point) => point.high ?? point.y)
  return points.map((point, i) => ({
    ...{ x: point.x, y: y[i]! },
    ...(point.low !== undefined && { low: low[i]!, high: high[i]! }),
  }))
}

/** Lines as a table: a row a point. Numbers in the unit of the title, unrounded. */
export function csvOfLines(metric: string, lines: readonly Line[], x: Settings['x'], measure?: string): string {
  const spread = lines.some(({ points }) => points.some(({ low }) => low !== undefined))
  const head = ['line', acrossWords[x], titleOf(metric, measure), ...(spread ? ['lowest', 'highest'] : [])]
  const rows = lines.flatMap(({ label, points }) =>
    points.map(({ x, y, low, high }) => [label, x, y, ...(spread ? [low ?? '', high ?? ''] : [])]),
  )
  return csvOf([head, ...rows])
}

/** Everything that runs have recorded: a row an epoch of a run, a column a metric under its recorded name. */
export function csvOfRuns(runs: readonly RunDetail[]): string {
  const metrics = [...new Set(runs.flatMap(({ points }) => points.flatMap(({ values }) => Object.keys(values))))].sort()
  const rows = runs.flatMap(({ name, points }) =>
    points.map(({ epoch, values }) => [name, epoch, ...metrics.map((metric) => values[metric] ?? '')]),
  )
  return csvOf([['run', 'epoch', ...metrics], ...rows])
}

/** RFC 4180; a text that a spreadsheet would take for a formula is made text again. */
function csvOf(rows: readonly (readonly (string | number)[])[]): string {
  const cell = (value: string | number): string => {
    if (typeof value === 'number') return String(value)
    const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value
    return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
  }
  return rows.map((row) => `${row.map(cell).join(',')}\r\n`).join('')
}
