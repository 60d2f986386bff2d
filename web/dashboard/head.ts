// Where the shown runs stand: of one, a line of figures; of several, a table; and what could not be read.

import type { RunDetail } from '../../src/dashboard/protocol.ts'
import { formatMetric, metricOf, shortNumber } from '../../src/report/metrics.ts'
import { duration } from '../../src/report/terminal.ts'
import { element } from '../dom.ts'
import { scrollable } from './options.ts'
import { states } from './words.ts'

/** The head of the page for these runs. */
export function headOf(runs: readonly RunDetail[], colourOf: (name: string) => string): HTMLElement[] {
  return [...(runs.length === 1 ? oneRun(runs[0]!) : severalRuns(runs, colourOf)), ...complaintsOf(runs)]
}

function oneRun(run: RunDetail): HTMLElement[] {
  const kind = [run.environment, run.algorithm].filter((word) => word !== undefined).join(', ')
  const pairs = standing(run).map(([word, value]) =>
    element('div', {}, element('dt', {}, word), element('dd', {}, value)),
  )
  return [
    element('h2', { className: 'title' }, run.name, element('span', { className: 'muted' }, ` ${kind}`)),
    element('dl', { className: 'standing' }, ...pairs),
  ]
}

function severalRuns(runs: readonly RunDetail[], colourOf: (name: string) => string): HTMLElement[] {
  const words = [...new Set(runs.flatMap((run) => standing(run).map(([word]) => word)))]
  const rows = runs.map((run) => {
    const pairs = new Map(standing(run))
    const mark = element('i', { className: 'mark' })
    mark.style.background = colourOf(run.name)
    return element(
      'tr',
      {},
      element('th', { scope: 'row' }, mark, run.name),
      ...words.map((word) => element('td', {}, pairs.get(word) ?? '–')),
    )
  })
  const head = element(
    'tr',
    {},
    element('th', { scope: 'col' }, 'Run'),
    ...words.map((word) => element('th', { scope: 'col' }, word)),
  )
  const table = element('table', { className: 'compared' }, element('thead', {}, head), element('tbody', {}, ...rows))
  return [element('h2', { className: 'title' }, `${runs.length} runs compared`), scrollable('Comparison', table)]
}

function complaintsOf(runs: readonly RunDetail[]): HTMLElement[] {
  const several = runs.length > 1
  const items = runs.flatMap(({ name, complaints }) =>
    complaints.map((complaint) => element('li', {}, several ? `${name}: ${complaint}` : complaint)),
  )
  return items.length > 0 ? [element('ul', { className: 'complaints' }, ...items)] : []
}

/** Where a run stands, as pairs of a word and a value; the first are those that matter most. */
function standing(run: RunDetail): [string, string][] {
  const { state, epoch, epochs, validationError, measure, summary, points } = run
  const last = points.at(-1)?.values
  const errors = (summary?.testError ?? {}) as Record<string, unknown>
  const left =
    last?.seconds !== undefined && epochs !== undefined && state === 'training' ? (epochs - epoch) * last.seconds : 0
  const text = (name: string): string | undefined => (summary?.[name] === undefined ? undefined : String(summary[name]))
  const pairs: [string, string | undefined][] = [
    ...Object.entries(errors).map(([kind, value]): [string, string] => {
      const name = `testError.${kind}`
      return [metricOf(name, measure).title, formatMetric(name, Number(value), measure)]
    }),
    [
      `${metricOf('validation.error', measure).title}, best`,
      validationError === undefined ? undefined : formatMetric('validation.error', validationError, measure),
    ],
    ['Epochs', epochs === undefined ? String(epoch) : `${epoch} of ${epochs}`],
    ['State', states[state]],
    ['Time left, about', left > 0 ? duration(left) : undefined],
    [metricOf('imagesPerSecond').title, last && formatMetric('imagesPerSecond', last.imagesPerSecond)],
    ['Time', typeof summary?.seconds === 'number' ? duration(summary.seconds) : undefined],
    ['Engine', text('engine')],
    ['Parameters', typeof summary?.parameters === 'number' ? shortNumber(summary.parameters) : undefined],
  ]
  return pairs.flatMap(([word, value]): [string, string][] => (value === undefined ? [] : [[word, value]]))
}
