// The dashboard's page: which runs there are, which of them are shown, and what the server says of them. The address
// holds the choice (`#run=a&run=b`), so that it can be kept and sent back to.

import 'uplot/dist/uPlot.min.css'
import type { Change, RunDetail, RunList, RunRow } from '../../src/dashboard/protocol.ts'
import { byId, element, onScheme } from '../dom.ts'
import { Charts } from './charts.ts'
import { GazePanel } from './gaze.ts'
import { optionsTables, standing } from './options.ts'
import { ago, percent, states } from './words.ts'

/** As many runs are compared as there are colours. */
const most = 8

const charts = new Charts(byId('curves', HTMLElement), byId('more-curves', HTMLElement), byId('more', HTMLElement))
const gaze = new GazePanel(byId('gaze', HTMLElement))
const [chooser, list] = [byId('chooser', HTMLDetailsElement), byId('runs', HTMLElement)]
const differing = byId('differing', HTMLInputElement)
const narrow = matchMedia('(max-width: 760px)')

class Dashboard {
  private runs: readonly RunRow[] = []
  /** The runs that are shown, each with the number of its colour. */
  private readonly chosen = new Map<string, number>()
  private readonly details = new Map<string, RunDetail>()

  /** Fetch the list, and what is shown of the runs that changed. */
  async refresh(changed?: readonly string[]): Promise<void> {
    const { root, runs } = await fetchJson<RunList>('api/runs')
    this.runs = runs
    byId('root', HTMLElement).textContent = root
    this.choose(this.wanted())
    await this.fetchDetails(changed)
    this.paint()
  }

  /** Show what the address says, or, where it says nothing, the latest run. */
  async follow(): Promise<void> {
    this.choose(this.wanted())
    await this.fetchDetails([])
    this.paint()
  }

  paint(): void {
    this.paintList()
    const shown = [...this.chosen].flatMap(([name, colour]) => {
      const detail = this.details.get(name)
      return detail ? [{ detail, colour: colourOf(colour) }] : []
    })
    byId('something', HTMLElement).hidden = shown.length === 0
    byId('nothing', HTMLElement).replaceChildren(...(shown.length === 0 ? [this.nothing()] : []))
    if (shown.length === 0) return
    const details = shown.map(({ detail }) => detail)
    byId('head', HTMLElement).replaceChildren(...headOf(shown), ...complaintsOf(details))
    charts.show(shown)
    gaze.show(details[0]!)
    byId('gaze-title', HTMLElement).textContent = details.length > 1 ? `Gaze of ${details[0]!.name}` : 'Gaze'
    byId('differing-label', HTMLElement).hidden = details.length === 1
    byId('options', HTMLElement).classList.toggle('several', details.length > 1)
    byId('options', HTMLElement).replaceChildren(...optionsTables(details, differing.checked))
  }

  private wanted(): string[] {
    const named = new URLSearchParams(location.hash.slice(1)).getAll('run')
    const known = named.filter((name) => this.runs.some((run) => run.name === name))
    return known.length > 0 ? known.slice(0, most) : this.runs.slice(0, 1).map(({ name }) => name)
  }

  /** Keep the colours of those that stay. */
  private choose(names: readonly string[]): void {
    for (const name of this.chosen.keys()) if (!names.includes(name)) this.chosen.delete(name)
    for (const name of names) {
      const taken = new Set(this.chosen.values())
      if (!this.chosen.has(name))
        this.chosen.set(name, Array.from({ length: most }, (_, i) => i).find((i) => !taken.has(i))!)
    }
  }

  /** Fetch what is shown and not known, or has changed; `undefined` means everything. */
  private async fetchDetails(changed: readonly string[] | undefined): Promise<void> {
    const names = [...this.chosen.keys()].filter(
      (name) => !changed || changed.includes(name) || !this.details.has(name),
    )
    await Promise.all(
      names.map(async (name) => {
        const before = this.details.get(name)
        const detail = await fetchJson<RunDetail>(`api/run?name=${encodeURIComponent(name)}`)
        this.details.set(name, detail)
        if (before && detail.epoch > before.epoch)
          byId('live', HTMLElement).textContent =
            `${name}: epoch ${detail.epoch}, validation error ${percent(detail.validationError)}`
      }),
    )
  }

  private paintList(): void {
    const focused = document.activeElement instanceof HTMLElement ? document.activeElement.dataset.key : undefined
    list.replaceChildren(...this.runs.map((run) => this.itemOf(run)))
    if (focused !== undefined) list.querySelector<HTMLElement>(`[data-key="${CSS.escape(focused)}"]`)?.focus()
    chooser.querySelector('summary')!.textContent = `${this.runs.length} run${this.runs.length === 1 ? '' : 's'}`
    byId('hint', HTMLElement).hidden = this.runs.length < 2
  }

  private itemOf(run: RunRow): HTMLElement {
    const colour = this.chosen.get(run.name)
    const box = element('input', { type: 'checkbox', checked: colour !== undefined })
    box.disabled = colour === undefined && this.chosen.size >= most
    box.dataset.key = `box ${run.name}`
    box.setAttribute('aria-label', `Compare ${run.name}`)
    if (colour !== undefined) box.style.accentColor = `var(--run-${colour})`
    box.addEventListener('change', () => {
      const others = [...this.chosen.keys()].filter((name) => name !== run.name)
      goTo(box.checked ? [...others, run.name] : others)
    })
    const kind = [run.environment, run.algorithm].filter((word) => word !== undefined).join(', ')
    const error = run.testError ?? run.validationError
    const progress = run.epochs === undefined ? `epoch ${run.epoch}` : `epoch ${run.epoch} of ${run.epochs}`
    const button = element(
      'button',
      { type: 'button' },
      element('span', { className: 'name' }, run.name),
      element('span', { className: 'muted' }, kind || 'unknown kind'),
      element(
        'span',
        { className: 'muted' },
        element('span', { className: `state ${run.state}` }, states[run.state]),
        run.epoch > 0 ? `, ${progress}${error === undefined ? '' : `, ${percent(error)}`}` : '',
      ),
    )
    if (run.problems > 0) button.append(element('span', { className: 'bad' }, 'not all of it can be shown'))
    button.title = `changed ${ago(run.updated, Date.now())}`
    button.dataset.key = `button ${run.name}`
    button.setAttribute('aria-pressed', String(colour !== undefined && this.chosen.size === 1))
    button.addEventListener('click', () => {
      goTo([run.name])
      if (narrow.matches) chooser.open = false
    })
    return element('li', { className: colour === undefined ? '' : 'chosen' }, box, button)
  }

  private nothing(): HTMLElement {
    return element(
      'p',
      { className: 'muted' },
      'There is no run here yet. ',
      element('code', {}, 'npm run train'),
      ' begins one; it appears here by itself.',
    )
  }
}

function headOf(shown: readonly { detail: RunDetail; colour: string }[]): HTMLElement[] {
  const [only] = shown
  if (shown.length === 1) {
    const { detail } = only!
    const kind = [detail.environment, detail.algorithm].filter((word) => word !== undefined).join(', ')
    const pairs = standing(detail).map(([word, value]) =>
      element('div', {}, element('dt', {}, word), element('dd', {}, value)),
    )
    return [
      element('h3', {}, detail.name, element('span', { className: 'muted' }, ` ${kind}`)),
      element('dl', { className: 'standing' }, ...pairs),
    ]
  }
  const words = [...new Set(shown.flatMap(({ detail }) => standing(detail).map(([word]) => word)))]
  const rows = shown.map(({ detail, colour }) => {
    const pairs = new Map(standing(detail))
    const mark = element('i', { className: 'mark' })
    mark.style.background = colour
    return element(
      'tr',
      {},
      element('th', { scope: 'row' }, mark, detail.name),
      ...words.map((word) => element('td', {}, pairs.get(word) ?? '–')),
    )
  })
  const head = element('tr', {}, element('td'), ...words.map((word) => element('th', { scope: 'col' }, word)))
  const table = element('table', { className: 'compared' }, element('thead', {}, head), element('tbody', {}, ...rows))
  return [element('h3', {}, `${shown.length} runs compared`), element('div', { className: 'scroll' }, table)]
}

function complaintsOf(details: readonly RunDetail[]): HTMLElement[] {
  const several = details.length > 1
  const items = details.flatMap(({ name, complaints }) =>
    complaints.map((complaint) => element('li', {}, several ? `${name}: ${complaint}` : complaint)),
  )
  return items.length > 0 ? [element('ul', { className: 'complaints' }, ...items)] : []
}

const colourOf = (number: number): string =>
  getComputedStyle(document.documentElement).getPropertyValue(`--run-${number}`).trim()

async function fetchJson<Body>(path: string): Promise<Body> {
  const answer = await fetch(path)
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`)
  return (await answer.json()) as Body
}

/** Choose the runs that are shown. */
function goTo(names: readonly string[]): void {
  const query = new URLSearchParams(names.map((name) => ['run', name]))
  location.hash = query.toString()
}

/** Listen for changes; after a pause in the connection everything is fetched anew. */
function listen(dashboard: Dashboard): void {
  const say = (words: string): void => {
    byId('connection', HTMLElement).textContent = words
  }
  // one after the other, so that an older answer never overtakes a newer one
  let work: Promise<void> = Promise.resolve()
  const then = (task: () => Promise<void>): void => {
    work = work.then(task).catch((error: unknown) => say(`cannot read: ${(error as Error).message}`))
  }
  const events = new EventSource('api/events')
  events.addEventListener('open', () => {
    say('live')
    then(() => dashboard.refresh())
  })
  events.addEventListener('error', () => say('not connected; trying again'))
  events.addEventListener('change', (event) => {
    const { names } = JSON.parse((event as MessageEvent<string>).data) as Change
    then(() => dashboard.refresh(names))
  })
  addEventListener('hashchange', () => then(() => dashboard.follow()))
}

const dashboard = new Dashboard()
if (narrow.matches) chooser.open = false
narrow.addEventListener('change', () => {
  chooser.open = !narrow.matches
})
differing.addEventListener('change', () => dashboard.paint())
onScheme(() => {
  charts.forget()
  dashboard.paint()
  gaze.paint()
})
listen(dashboard)
