// The dashboard's page: which runs there are, which of them are shown, and what the server says of them. The address holds
// what is shown and how (`#run=a&run=b&x=minutes`), so that it can be kept and sent.

import type { Change, RunDetail, RunList, RunRow } from '../../src/dashboard/protocol.ts'
import { differingOptions } from '../../src/report/groups.ts'
import { formatMetric } from '../../src/report/metrics.ts'
import { byId, element, onScheme } from '../dom.ts'
import { Charts, lineColours, mostColours } from './charts.ts'
import { download } from './download.ts'
import { firstVisit } from './first-visit.ts'
import { GazePanel } from './gaze.ts'
import { headOf } from './head.ts'
import { csvOfRuns, groupsOf } from './lines.ts'
import { RunList as List, type Wish } from './list.ts'
import { optionsTables, scrollable } from './options.ts'
import { readAddress, type Settings, writeAddress } from './settings.ts'

/** As many runs are shown at once; the page says so where somebody wants more. */
const most = 100

const [chooser, differing] = [byId('chooser', HTMLDetailsElement), byId('differing', HTMLInputElement)]
const [search, state, sort] = [
  byId('search', HTMLInputElement),
  byId('state', HTMLSelectElement),
  byId('sort', HTMLSelectElement),
]
const [group, across] = [byId('group', HTMLSelectElement), byId('across', HTMLSelectElement)]
const [smoothing, log] = [byId('smoothing', HTMLInputElement), byId('log', HTMLInputElement)]
const notice = byId('notice', HTMLElement)
const narrow = matchMedia('(max-width: 760px)')

class Dashboard {
  private runs: readonly RunRow[] = []
  private root = ''
  private settings: Settings = readAddress('').settings
  /** The runs that are shown, each with the number of its colour; those for which there was none are grey. */
  private readonly chosen = new Map<string, number | undefined>()
  private readonly details = new Map<string, RunDetail>()
  /** The number of the colour of every run's line, or of that of its group. */
  private colours: ReadonlyMap<string, number> = new Map()
  private readonly gaze = new GazePanel(byId('gaze', HTMLElement))
  private readonly list = new List(byId('runs', HTMLElement), {
    colourOf: (name) => (this.chosen.has(name) ? (lineColours()[this.colours.get(name) ?? -1] ?? '') : undefined),
    show: (names) => {
      this.go(names)
      if (narrow.matches) chooser.open = false
    },
    toggle: (names, shown) => {
      const others = [...this.chosen.keys()].filter((name) => !names.includes(name))
      this.go(shown ? [...others, ...names] : others)
    },
  })
  private readonly charts = new Charts(
    {
      first: byId('curves', HTMLElement),
      rest: byId('more-curves', HTMLElement),
      more: byId('more', HTMLDetailsElement),
    },
    (words) => {
      byId('live', HTMLElement).textContent = words
    },
    (range) => {
      byId('whole', HTMLElement).hidden = range === undefined
    },
  )

  /** Fetch the list, and what is shown of the runs that changed. */
  async refresh(changed?: readonly string[]): Promise<void> {
    const { root, runs } = await fetchJson<RunList>('api/runs')
    this.runs = runs
    this.root = root
    byId('root', HTMLElement).textContent = root
    await this.follow(changed)
  }

  /** Show what the address says, or, where it says nothing, the latest run. */
  async follow(changed: readonly string[] | undefined = []): Promise<void> {
    const { runs, settings } = readAddress(location.hash)
    this.settings = settings
    const known = runs.filter((name) => this.runs.some((run) => run.name === name))
    this.choose(known.length > 0 ? known.slice(0, most) : this.runs.slice(0, 1).map(({ name }) => name))
    await this.fetchDetails(changed)
    this.paint()
  }

  paint(): void {
    const runs = [...this.chosen.keys()].flatMap((name) => this.details.get(name) ?? [])
    this.colours = this.coloursOf(runs)
    this.paintList()
    byId('something', HTMLElement).hidden = runs.length === 0
    byId('nothing', HTMLElement).replaceChildren(...(runs.length === 0 ? firstVisit(this.root) : []))
    if (runs.length === 0) return
    this.paintControls(runs)
    const all = lineColours()
    const { colours } = this
    const colourOf = (name: string): string => all[colours.get(name) ?? -1] ?? 'var(--muted)'
    byId('head', HTMLElement).replaceChildren(...headOf(runs, colourOf))
    this.charts.show({ runs, colours, settings: this.settings })
    this.gaze.show(runs[0]!)
    byId('gaze-title', HTMLElement).textContent = runs.length > 1 ? `Gaze of ${runs[0]!.name}` : 'Gaze'
    byId('differing-label', HTMLElement).hidden = runs.length === 1
    byId('options', HTMLElement).classList.toggle('several', runs.length > 1)
    const tables = optionsTables(runs, differing.checked)
    byId('options', HTMLElement).replaceChildren(
      ...(runs.length > 1 ? [scrollable('Configuration', ...tables)] : tables),
    )
  }

  /** Draw everything in the colours of the scheme as it is now. */
  recolour(): void {
    this.paint()
    this.gaze.paint()
  }

  showWhole(): void {
    this.charts.showRange(undefined)
  }

  saveAll(): void {
    const runs = [...this.chosen.keys()].flatMap((name) => this.details.get(name) ?? [])
    download('runs.csv', 'text/csv', csvOfRuns(runs))
  }

  /** Draw the curves otherwise. */
  set(change: Partial<Settings>): void {
    this.go([...this.chosen.keys()], { ...this.settings, ...change })
  }

  paintList(): void {
    const wish: Wish = { search: search.value, state: state.value, sort: sort.value as Wish['sort'] }
    this.list.paint(this.runs, wish)
    chooser.querySelector('summary')!.textContent = `${this.runs.length} run${this.runs.length === 1 ? '' : 's'}`
    byId('finding', HTMLElement).hidden = this.runs.length < 2
    byId('hint', HTMLElement).hidden = this.runs.length < 2
  }

  private go(runs: readonly string[], settings = this.settings): void {
    location.hash = writeAddress({ runs, settings })
  }

  private paintControls(runs: readonly RunDetail[]): void {
    const { x, smoothing: weight, log: logarithmic } = this.settings
    const options = differingOptions(runs)
    const choices = [
      ['', 'one a run'],
      ...(runs.length > 1 ? [['seeds', 'mean over seeds']] : []),
      ...options.map((name) => [name, `by ${name}`]),
    ] as [string, string][]
    // an option that no longer differs stays, so that it can be seen and undone
    if (!choices.some(([value]) => value === this.settings.group))
      choices.push([this.settings.group, `by ${this.settings.group}`])
    group.replaceChildren(...choices.map(([value, words]) => element('option', { value }, words)))
    group.value = this.settings.group
    across.value = x
    if (document.activeElement !== smoothing) smoothing.value = String(weight)
    byId('smoothing-value', HTMLElement).textContent = weight.toFixed(2)
    log.checked = logarithmic
    const words = this.noticeOf(runs)
    notice.hidden = words === ''
    if (notice.textContent !== words) notice.textContent = words
  }

  /** Runs keep their colours; groups have theirs in order. */
  private coloursOf(runs: readonly RunDetail[]): ReadonlyMap<string, number> {
    const numbers =
      this.settings.group === ''
        ? [...this.chosen]
        : groupsOf(runs, this.settings).flatMap((group, i) => group.runs.map(({ name }) => [name, i] as const))
    return new Map(numbers.flatMap(([name, i]) => (i === undefined || i >= mostColours ? [] : [[name, i] as const])))
  }

  /** What somebody might otherwise wonder about. */
  private noticeOf(runs: readonly RunDetail[]): string {
    const { runs: wanted } = readAddress(location.hash)
    const lines = groupsOf(runs, this.settings).length
    return [
      wanted.length > most ? `${wanted.length} runs are chosen; the first ${most} are shown.` : '',
      lines > mostColours
        ? `${lines} lines: ${mostColours} have colours, the others are grey. “Lines” above draws means over groups instead.`
        : '',
    ]
      .filter(Boolean)
      .join(' ')
  }

  /** Keep the colours of those that stay. */
  private choose(names: readonly string[]): void {
    for (const name of this.chosen.keys()) if (!names.includes(name)) this.chosen.delete(name)
    for (const name of names) {
      if (this.chosen.get(name) !== undefined) continue
      const taken = new Set(this.chosen.values())
      this.chosen.set(
        name,
        Array.from({ length: mostColours }, (_, i) => i).find((i) => !taken.has(i)),
      )
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
            `${name}: epoch ${detail.epoch}, validation error ${formatMetric('validation.error', detail.validationError, detail.measure)}`
      }),
    )
  }
}

async function fetchJson<Body>(path: string): Promise<Body> {
  const answer = await fetch(path)
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`)
  return (await answer.json()) as Body
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
for (const control of [search, state, sort]) control.addEventListener('input', () => dashboard.paintList())
differing.addEventListener('change', () => dashboard.paint())
group.addEventListener('change', () => dashboard.set({ group: group.value }))
across.addEventListener('change', () => dashboard.set({ x: across.value as Settings['x'] }))
smoothing.addEventListener('input', () => dashboard.set({ smoothing: Number(smoothing.value) }))
log.addEventListener('change', () => dashboard.set({ log: log.checked }))
byId('whole', HTMLButtonElement).addEventListener('click', () => dashboard.showWhole())
byId('csv', HTMLButtonElement).addEventListener('click', () => dashboard.saveAll())
// to the curves without giving up what the address says
byId('skip', HTMLAnchorElement).addEventListener('click', (event) => {
  event.preventDefault()
  byId('shown', HTMLElement).focus()
})
onScheme(() => dashboard.recolour())
listen(dashboard)
