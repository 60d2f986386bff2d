// How the rows of the paper's tables learned, drawn from the records in results/.

import { lineChart } from '../src/report/line-chart.ts'
import { widthOf } from '../src/report/measure.ts'
import { titleOf } from '../src/report/metrics.ts'
import { lineColour } from '../src/report/palette.ts'
import { sheet } from '../src/report/sheet.ts'
import { inks } from '../src/report/theme.ts'
import { experiments } from './experiments.ts'
import { recordsOf } from './results.ts'

/** The rows that are shown. */
export const rows = ['mnist-6', 'translated-8', 'cluttered-8', 'cluttered100-8'] as const

/** The records of a row's seeds. */
export const recordsOfRow = (results: string, row: string) =>
  recordsOf(results, experiments.find(({ name }) => name === row)!)

/** Validation error by epoch, a line a row and seed, as SVG. */
export function drawLearning(results: string): string {
  const series = rows.flatMap((row, i) =>
    recordsOfRow(results, row).map(({ curve }, seed) => ({
      ...{ label: row, colour: lineColour(i), stroke: 1.5 },
      ...(seed > 0 && { quiet: true }),
      points: curve.map(([x, y]) => ({ x, y })),
    })),
  )
  const [width, height] = [720, 380]
  const chart = { width, height, series, inks, measure: widthOf, log: true, whole: true, xLabel: 'epoch' }
  const head = {
    title: 'How the rows of the tables learned',
    subtitle: `${titleOf('validation.error')}, greedy, on a logarithmic axis; a line a seed. From the records in results/.`,
  }
  return sheet(head, [lineChart(chart).svg], [width, height], [], 1)
}
