// Charts of runs: learning curves, and error against glimpses.

import { chanceError } from '../env/spaces.ts'
import type { CurvePoint, Panel } from './curves.ts'
import { spreadOf } from './groups.ts'
import { lineChart, type Series } from './line-chart.ts'
import { widthOf } from './measure.ts'
import { metricOf, titleOf } from './metrics.ts'
import { lineColour } from './palette.ts'
import { type Heading, sheet } from './sheet.ts'
import type { Gains } from './statistics.ts'
import { inks } from './theme.ts'

const size = [290, 190] as const

/** One panel of a sheet: a line a group; line: mean over runs, band: from the smallest to the largest. */
type Drawing = {
  readonly title: string
  readonly xLabel: string
  readonly points: readonly CurvePoint[]
  readonly fromZero?: boolean | undefined
  readonly level?: { readonly y: number; readonly label: string } | undefined
}

function draw(drawings: readonly Drawing[], labels: readonly string[], head: Heading): string {
  const panels = drawings.map(({ points, fromZero = false, level, ...words }) => {
    const series = labels.map(
      (label, i): Series => ({
        ...{ label, colour: lineColour(i) },
        points: points
          .filter(({ group }) => group === label)
          .map(({ epoch, mean, low, high }) => ({ x: epoch, y: mean, low, high })),
      }),
    )
    const [width, height] = size
    const chart = { ...words, width, height, series, inks, fromZero, whole: true, named: false }
    return lineChart({ ...chart, measure: widthOf, ...(level && { level }) }).svg
  })
  return sheet(
    head,
    panels,
    size,
    labels.map((label, i) => ({ label, colour: lineColour(i) })),
  )
}

/**
 * Learning curves as one SVG.
 * @param classes how many classes there are to name, where that is known: then the error of guessing is shown
 */
export function drawCurves(
  panels: readonly Panel[],
  labels: readonly string[],
  head: Heading,
  classes?: number,
): string {
  const drawings = panels.map(({ metric, points }) => ({
    ...{ title: titleOf(metric), xLabel: 'epoch', points, fromZero: metricOf(metric).fromZero },
    level: metric === 'validation.error' ? chanceLevel(classes) : undefined,
  }))
  return draw(drawings, labels, head)
}

/** What each further glimpse is worth, as one SVG: the error, and the belief in the right class, after each. */
export function drawGains(
  groups: readonly { label: string; gains: readonly Gains[] }[],
  head: Heading,
  classes?: number,
): string {
  const pointsOf = (read: (gains: Gains) => readonly number[]): CurvePoint[] =>
    groups.flatMap(({ label, gains }) =>
      read(gains[0]!).map((_, t) => {
        return { group: label, epoch: t + 1, ...spreadOf(gains.map((each) => read(each)[t]!)) }
      }),
    )
  const common = { xLabel: 'glimpses', fromZero: true }
  const drawings: Drawing[] = [
    { ...common, title: 'Test error, %', points: pointsOf(({ error }) => error), level: chanceLevel(classes) },
    {
      ...{ ...common, title: 'Probability of the right class, %' },
      points: pointsOf(({ beliefInTarget }) => beliefInTarget.map((share) => 100 * share)),
      level: classes === undefined ? undefined : { y: 100 / classes, label: 'chance' },
    },
  ]
  return draw(
    drawings,
    groups.map(({ label }) => label),
    head,
  )
}

const chanceLevel = (classes: number | undefined) =>
  classes === undefined ? undefined : { y: chanceError(classes), label: 'chance' }
