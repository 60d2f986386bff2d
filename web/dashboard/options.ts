// The configurations of the runs that are shown, side by side, group by group; and where each run stands.

import type { RunDetail } from '../../src/dashboard/protocol.ts'
import { element } from '../dom.ts'
import { duration, figure, percent, states } from './words.ts'

/** Tables of options, one a group, a column a run; where there are several runs, only what differs, if so wished. */
export function optionsTables(details: readonly RunDetail[], onlyDiffering: boolean): HTMLElement[] {
  const several = details.length > 1
  const groups = new Map<string, Set<string>>()
  for (const { config = {} } of details)
    for (const [group, value] of Object.entries(config)) {
      const names = groups.get(group) ?? new Set<string>()
      for (const name of namesOf(value)) names.add(name)
      groups.set(group, names)
    }
  const tables = [...groups].flatMap(([group, names]) => {
    const rows = [...names].flatMap((name) => {
      const values = details.map(({ config }) => optionOf(config?.[group], name))
      const differs = values.some((value) => value !== values[0])
      if (onlyDiffering && several && !differs) return []
      const cells = values.map((value) => element('td', {}, value))
      return [element('tr', { className: differs ? 'differs' : '' }, element('th', { scope: 'row' }, name), ...cells)]
    })
    const columns = several ? details.map(({ name }) => element('th', { scope: 'col' }, name)) : [element('td')]
    const head = element('thead', {}, element('tr', {}, element('th', { scope: 'col' }, group), ...columns))
    return rows.length > 0 ? [element('table', {}, head, element('tbody', {}, ...rows))] : []
  })
  if (tables.length > 0) return tables
  const known = details.some(({ config }) => config)
  return [element('p', { className: 'muted' }, known ? 'They do not differ.' : 'There is no configuration to show.')]
}

/** The names of a group's options; a group that is no object is one option without a name. */
function namesOf(value: unknown): string[] {
  if (Array.isArray(value)) return value.length > 0 ? [''] : []
  return typeof value === 'object' && value !== null ? Object.keys(value) : ['']
}

function optionOf(group: unknown, name: string): string {
  const value = name === '' ? group : (group as Record<string, unknown> | undefined)?.[name]
  if (value === undefined) return '–'
  return typeof value === 'string' ? value || '(empty)' : JSON.stringify(value)
}

/** Where a run stands, as pairs of a word and a value; the first are those that matter most. */
export function standing({ state, epoch, epochs, validationError, summary, points }: RunDetail): [string, string][] {
  const last = points.at(-1)?.values
  const errors = (summary?.testError ?? {}) as Record<string, unknown>
  const left =
    last?.seconds !== undefined && epochs !== undefined && state === 'training' ? (epochs - epoch) * last.seconds : 0
  const text = (name: string): string | undefined => (summary?.[name] === undefined ? undefined : String(summary[name]))
  const pairs: [string, string | undefined][] = [
    ...Object.entries(errors).map(([kind, value]): [string, string] => [`Test error, ${kind}`, percent(Number(value))]),
    ['Validation error, best', validationError === undefined ? undefined : percent(validationError)],
    ['Epochs', epochs === undefined ? String(epoch) : `${epoch} of ${epochs}`],
    ['State', states[state]],
    ['Left, about', left > 0 ? duration(left) : undefined],
    ['Images a second', last?.imagesPerSecond === undefined ? undefined : figure(last.imagesPerSecond)],
    ['Time', typeof summary?.seconds === 'number' ? duration(summary.seconds) : undefined],
    ['Engine', text('engine')],
    ['Parameters', typeof summary?.parameters === 'number' ? figure(summary.parameters) : undefined],
  ]
  return pairs.flatMap(([word, value]): [string, string][] => (value === undefined ? [] : [[word, value]]))
}
