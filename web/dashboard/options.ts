// The configurations of the runs that are shown, side by side, group by group.

import type { RunDetail } from '../../src/dashboard/protocol.ts'
import { element } from '../dom.ts'

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
    const columns = several
      ? details.map(({ name }) => element('th', { scope: 'col' }, name))
      : [element('th', { scope: 'col' }, 'value')]
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

/** Whatever may be wider than the page, in a box that scrolls, also by the keyboard; shadows show that there is more. */
export function scrollable(label: string, ...children: HTMLElement[]): HTMLElement {
  const box = element('div', { className: 'scroll', tabIndex: 0, ariaLabel: label }, ...children)
  box.setAttribute('role', 'group')
  return box
}
