// The list of runs: searched, filtered, sorted, in folders; a sweep is one folder with its trials.

import type { RunRow } from '../../src/dashboard/protocol.ts'
import { element } from '../dom.ts'
import { ago, errorWords, states } from './words.ts'

/** What of the list is shown, and in which order. */
export type Wish = {
  /** Words, all of which must be in a run's name, environment, algorithm or state. */
  readonly search: string
  /** A state, or all. */
  readonly state: string
  readonly sort: 'changed' | 'name' | 'error' | 'epochs'
}

/** Runs that lie in one directory; at the top, in none. */
export type Folder = { readonly name: string; readonly sweep: boolean; readonly runs: readonly RunRow[] }

/** The runs that are wished for, in folders, everything in order: a folder stands where its first run would. */
export function foldersOf(runs: readonly RunRow[], { search, state, sort }: Wish): Folder[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean)
  const matches = (run: RunRow): boolean => {
    const text = [run.name, run.environment, run.algorithm, states[run.state]].join(' ').toLowerCase()
    return (state === '' || run.state === state) && words.every((word) => text.includes(word))
  }
  const sorted = runs.filter(matches).sort(orders[sort])
  const folders = new Map<string, RunRow[]>()
  for (const run of sorted) {
    const name = run.sweep ?? run.name.slice(0, Math.max(0, run.name.lastIndexOf('/')))
    folders.set(name, [...(folders.get(name) ?? []), run])
  }
  return [...folders].map(([name, all]) => ({ name, sweep: all[0]!.sweep !== undefined, runs: all }))
}

const collator = new Intl.Collator('en', { numeric: true })
const errorOf = ({ testError, validationError }: RunRow): number =>
  testError ?? validationError ?? Number.POSITIVE_INFINITY

const orders: Readonly<Record<Wish['sort'], (a: RunRow, b: RunRow) => number>> = {
  changed: (a, b) => b.updated - a.updated,
  name: (a, b) => collator.compare(a.name, b.name),
  // with none, after those with one; two without are equal, not NaN apart
  error: (a, b) => (errorOf(a) === errorOf(b) ? 0 : errorOf(a) - errorOf(b)),
  epochs: (a, b) => b.epoch - a.epoch,
}

/** What the list asks of the page. */
export type ListActions = {
  /** The colour of a run that is shown; '' where it is shown in grey; undefined where it is not shown. */
  colourOf(name: string): string | undefined
  /** Show these alone. */
  show(names: readonly string[]): void
  /** Show these besides, or no longer. */
  toggle(names: readonly string[], shown: boolean): void
}

/** The list on the page. */
export class RunList {
  private readonly holder: HTMLElement
  private readonly actions: ListActions
  /** Folders that somebody has opened or closed. */
  private readonly opened = new Map<string, boolean>()

  constructor(holder: HTMLElement, actions: ListActions) {
    this.holder = holder
    this.actions = actions
  }

  /** Draw it; the focus stays where it was. */
  paint(runs: readonly RunRow[], wish: Wish): void {
    const focused = document.activeElement instanceof HTMLElement ? document.activeElement.dataset.key : undefined
    const folders = foldersOf(runs, wish)
    const items = folders.flatMap((folder) =>
      folder.name === '' ? folder.runs.map((run) => this.itemOf(run, run.name)) : [this.folderOf(folder, wish)],
    )
    const none = element('li', { className: 'muted' }, 'No run matches.')
    this.holder.replaceChildren(...(items.length === 0 && runs.length > 0 ? [none] : items))
    if (focused !== undefined) this.holder.querySelector<HTMLElement>(`[data-key="${CSS.escape(focused)}"]`)?.focus()
  }

  private folderOf({ name, sweep, runs }: Folder, { search }: Wish): HTMLElement {
    const shown = runs.filter((run) => this.actions.colourOf(run.name) !== undefined)
    const details = element('details', { open: this.opened.get(name) ?? (search !== '' || shown.length > 0) })
    details.addEventListener('toggle', () => this.opened.set(name, details.open))
    const summary = element(
      'summary',
      {},
      element('span', { className: 'name' }, name),
      element('span', { className: 'muted' }, folderWords(sweep, runs)),
    )
    summary.dataset.key = `folder ${name}`
    const box = checkbox(`all ${name}`, `Show all of ${name}`, shown.length === runs.length)
    box.indeterminate = shown.length > 0 && shown.length < runs.length
    box.addEventListener('change', () =>
      this.actions.toggle(
        runs.map((run) => run.name),
        box.checked,
      ),
    )
    const items = runs.map((run) => this.itemOf(run, run.name.slice(run.name.lastIndexOf('/') + 1)))
    details.append(summary, element('ul', {}, ...items))
    return element('li', { className: 'folder' }, box, details)
  }

  private itemOf(run: RunRow, shortName: string): HTMLElement {
    const colour = this.actions.colourOf(run.name)
    const box = checkbox(`box ${run.name}`, `Compare ${run.name}`, colour !== undefined)
    if (colour) box.style.accentColor = colour
    box.addEventListener('change', () => this.actions.toggle([run.name], box.checked))
    const kind = [run.environment, run.algorithm].filter((word) => word !== undefined).join(', ')
    const progress = run.epochs === undefined ? `epoch ${run.epoch}` : `epoch ${run.epoch} of ${run.epochs}`
    const button = element(
      'button',
      { type: 'button', title: `${run.name}, changed ${ago(run.updated, Date.now())}` },
      element('span', { className: 'name' }, shortName),
      element('span', { className: 'muted' }, kind || 'unknown kind'),
      element(
        'span',
        { className: 'muted' },
        element('span', { className: `state ${run.state}` }, states[run.state]),
        run.epoch > 0 ? `, ${progress}` : '',
      ),
    )
    const error = errorWords(run)
    if (error !== '') button.append(element('span', { className: 'error' }, error))
    if (run.problems > 0) button.append(element('span', { className: 'bad' }, 'not all of it can be shown'))
    button.dataset.key = `button ${run.name}`
    if (colour !== undefined) button.setAttribute('aria-current', 'true')
    button.addEventListener('click', () => this.actions.show([run.name]))
    return element('li', { className: colour === undefined ? '' : 'chosen' }, box, button)
  }
}

function checkbox(key: string, label: string, checked: boolean): HTMLInputElement {
  const box = element('input', { type: 'checkbox', checked, ariaLabel: label })
  box.dataset.key = key
  return box
}

/** `sweep, 20 trials, 3 training, best validation error 1.20 %`. */
function folderWords(sweep: boolean, runs: readonly RunRow[]): string {
  const noun = sweep ? 'trial' : 'run'
  const training = runs.filter(({ state }) => state === 'training').length
  const best = [...runs].sort(orders.error)[0]
  const error = best ? errorWords(best) : ''
  return [
    `${sweep ? 'sweep, ' : ''}${runs.length} ${noun}${runs.length === 1 ? '' : 's'}`,
    ...(training > 0 ? [`${training} training`] : []),
    ...(error !== '' ? [`best ${error}`] : []),
  ].join(', ')
}
