// The tab where agents are trained: a form, the runs of this page, their curves and how their agents look.

import type { RunDetail } from '../../src/dashboard/protocol.ts'
import { formatMetric } from '../../src/report/metrics.ts'
import { Charts, lineColours } from '../dashboard/charts.ts'
import { download } from '../dashboard/download.ts'
import { readAddress, type Settings } from '../dashboard/settings.ts'
import { byId, element, onScheme } from '../dom.ts'
import { gazeFigures, paintGaze, stepsOf } from '../gaze-figures.ts'
import { Colleague } from './colleague.ts'
import { Run } from './run.ts'
import {
  algorithms,
  configOf,
  readSetting,
  type Setting,
  settingOfCard,
  usualSetting,
  worlds,
  writeSetting,
} from './setting.ts'
import { tabIn } from './tabs.ts'
import { plural } from './words.ts'

/** As many trainings a page can have at once: each holds memory of its own. */
const most = 4

export type TrainingHost = {
  /** Have an agent that was trained here look at drawings. */
  readonly tryAgent: (file: Uint8Array) => Promise<void>
}

const form = byId('options', HTMLFormElement)
const [world, algorithm] = [byId('world', HTMLSelectElement), byId('algorithm', HTMLSelectElement)]
const [growth, step] = [byId('growth', HTMLInputElement), byId('gaze-step', HTMLInputElement)]
const across = byId('across', HTMLSelectElement)

const say = (id: string, text: string): void => {
  byId(id, HTMLElement).textContent = text
}

const fields = ['glimpses', 'noise', 'epochs', 'seed'] as const
const field = (name: (typeof fields)[number]): HTMLInputElement =>
  form.elements.namedItem(name) as unknown as HTMLInputElement

class TrainTab {
  private readonly host: TrainingHost
  private runs: Run[] = []
  private shown: Run | undefined
  private count = 0
  /** Runs of which something is yet to be shown, and the frame in which it will be. */
  private readonly changed = new Set<Run>()
  private frame = 0
  /** An agent file that the next run begins from. */
  private from:
    | { readonly name: string; readonly file: Uint8Array; readonly card: Awaited<ReturnType<typeof cardOf>> }
    | undefined
  private readonly charts = new Charts(
    {
      first: byId('curves', HTMLElement),
      rest: byId('more-curves', HTMLElement),
      more: byId('more', HTMLDetailsElement),
    },
    (words) => say('live', words),
    (range) => {
      byId('whole', HTMLElement).hidden = range === undefined
    },
  )

  constructor(host: TrainingHost) {
    this.host = host
    world.append(...Object.entries(worlds).map(([value, { title }]) => element('option', { value }, title)))
    algorithm.append(...Object.keys(algorithms).map((value) => element('option', { value }, value)))
    this.fill(readSetting(tabIn(location.hash) === 'train' ? location.hash : ''))
    this.listen()
  }

  private get setting(): Setting {
    const numbers = Object.fromEntries(fields.map((name) => [name, field(name).valueAsNumber]))
    return { world: world.value, algorithm: algorithm.value, ...numbers } as Setting
  }

  private fill(setting: Setting): void {
    world.value = setting.world
    algorithm.value = setting.algorithm
    for (const name of fields) field(name).value = String(setting[name])
    this.describe()
  }

  /** What the choices mean; what does not apply cannot be changed. */
  private describe(): void {
    const { learns, words } = algorithms[algorithm.value]!
    say('world-words', worlds[world.value]!.words)
    say('algorithm-words', words)
    field('noise').disabled = !learns
    field('glimpses').disabled = !worlds[world.value]!.free
    const first = this.runs.length === 0
    say('start', first ? 'Start' : 'Start another run')
    byId('start', HTMLButtonElement).disabled = this.runs.length >= most
  }

  private listen(): void {
    form.addEventListener('submit', (event) => {
      event.preventDefault()
      this.start()
    })
    form.addEventListener('input', (event) => {
      if (event.target === world) {
        this.fill({ ...usualSetting(world.value), seed: this.setting.seed })
        this.forget()
      }
      this.describe()
      if (form.checkValidity()) history.replaceState(null, '', `#${writeSetting(this.setting)}`)
    })
    byId('link', HTMLButtonElement).addEventListener('click', () => void this.copyLink())
    const file = byId('file', HTMLInputElement)
    byId('load', HTMLButtonElement).addEventListener('click', () => file.click())
    file.addEventListener('change', () => void this.load(file))
    growth.addEventListener('input', () => this.paintGaze())
    step.addEventListener('input', () => this.paintGaze())
    across.addEventListener('change', () => this.paintCurves())
    byId('whole', HTMLButtonElement).addEventListener('click', () => this.charts.showRange(undefined))
    addEventListener('hashchange', () => {
      if (tabIn(location.hash) === 'train' && location.hash.includes('&')) this.fill(readSetting(location.hash))
    })
    onScheme(() => this.paint())
    new ResizeObserver(() => this.paintGaze()).observe(byId('gaze', HTMLElement))
  }

  private start(): void {
    const run = new Run(`run ${++this.count}`, this.setting, () => this.update(run))
    this.runs.push(run)
    this.shown = run
    growth.max = '0'
    run.begin(configOf(run.setting, this.from?.card), this.from?.file)
    this.forget()
    this.describe()
    this.paint()
  }

  private async copyLink(): Promise<void> {
    const address = new URL(`#${writeSetting(this.setting)}`, location.href)
    history.replaceState(null, '', address)
    await navigator.clipboard.writeText(String(address)).then(
      () => say('told', 'The link to these options is copied.'),
      () => say('told', 'The address of this page is now the link to these options.'),
    )
  }

  /** Begin the next run from an agent file. */
  private async load(input: HTMLInputElement): Promise<void> {
    const [chosen] = input.files ?? []
    input.value = ''
    if (!chosen) return
    try {
      const file = new Uint8Array(await chosen.arrayBuffer())
      const card = await cardOf(file)
      this.fill(settingOfCard(card, this.setting))
      this.from = { name: chosen.name, file, card }
      const forget = element('button', { type: 'button', className: 'quiet' }, 'Forget it')
      forget.addEventListener('click', () => this.forget())
      byId('loaded', HTMLElement).replaceChildren(
        `The next run begins from ${chosen.name}, after ${plural(card.epoch, 'epoch')}. `,
        forget,
      )
      byId('loaded', HTMLElement).hidden = false
      say('told', '')
    } catch (error) {
      say('told', `${chosen.name} cannot be loaded: ${(error as Error).message}`)
    }
  }

  private forget(): void {
    this.from = undefined
    byId('loaded', HTMLElement).hidden = true
  }

  private async save(run: Run): Promise<void> {
    try {
      const { file, epoch, measure, figure, items } = await run.save()
      const name = `${run.setting.world.replace('/', '-')}-${run.name.replace(' ', '')}-epoch${epoch}.safetensors`
      download(name, 'application/octet-stream', file as BlobPart)
      const shown = formatMetric('testError.greedy', figure, measure)
      const data = run.setting.world === 'MNIST' ? ' --data mnist (the folder beside this page)' : ''
      say(
        'told',
        `Saved ${name}: ${shown} ${measure} on ${items.toLocaleString('en')} test items, greedy. “saccade evaluate ${name}${data}” gives the same.`,
      )
    } catch (error) {
      say('told', `Not saved: ${(error as Error).message}`)
    }
  }

  private async tryIt(run: Run): Promise<void> {
    try {
      await this.host.tryAgent((await run.save()).file)
    } catch (error) {
      say('told', (error as Error).message)
    }
  }

  private remove(run: Run): void {
    run.end()
    this.runs = this.runs.filter((each) => each !== run)
    if (this.shown === run) this.shown = this.runs.at(-1)
    this.describe()
    this.paint()
  }

  /** A run has told something new: it is shown in the next frames, a part in each, so that none of them takes long. */
  private update(run: Run): void {
    this.changed.add(run)
    if (this.frame === 0) this.frame = requestAnimationFrame(() => this.catchUp())
  }

  private catchUp(): void {
    this.frame = 0
    const [run] = this.changed
    if (!run) return
    const { fresh } = run
    if (fresh.row) run.paint()
    else if (fresh.points) this.paintCurves()
    else if (fresh.gaze && run === this.shown) this.paintGaze()
    const part = (['row', 'points', 'gaze'] as const).find((each) => fresh[each])
    if (part) fresh[part] = false
    else this.changed.delete(run)
    const [next] = this.changed
    if (next) this.update(next)
  }

  private paint(): void {
    byId('welcome', HTMLElement).hidden = this.runs.length > 0
    byId('learning', HTMLElement).hidden = this.runs.length === 0
    for (const run of this.runs)
      run.show({
        colour: lineColours()[this.colourOf(run)]!,
        chosen: run === this.shown && this.runs.length > 1,
        choose: () => {
          this.shown = run
          this.paint()
        },
        save: () => void this.save(run),
        tryIt: () => void this.tryIt(run),
        remove: () => this.remove(run),
      })
    byId('runs', HTMLElement).replaceChildren(...this.runs.map(({ row }) => row))
    this.paintCurves()
    this.paintGaze()
  }

  /** A run keeps its colour while it is here. */
  private colourOf(run: Run): number {
    return (Number(run.name.split(' ')[1]) - 1) % lineColours().length
  }

  private paintCurves(): void {
    const details: RunDetail[] = this.runs.map((run) => run.detail)
    if (details.length === 0) return
    const settings: Settings = { ...readAddress('').settings, x: across.value as Settings['x'] }
    const colours = new Map(this.runs.map((run) => [run.name, this.colourOf(run)]))
    this.charts.show({ runs: details, colours, settings })
  }

  /** The shown run's agent after the epoch and the look of the sliders. */
  private paintGaze(): void {
    const run = this.shown
    const holder = byId('gaze', HTMLElement)
    say('gaze-title', this.runs.length > 1 && run ? `Eight test images, ${run.name}` : 'Eight test images')
    for (const slider of [growth, step]) slider.parentElement!.hidden = !run?.latest
    if (!run?.latest) {
      const why = run?.drawn === false ? 'This world is too small to be drawn.' : 'A moment …'
      holder.replaceChildren(element('p', { className: 'muted' }, why))
      return
    }
    const last = run.kept.length
    const follows = growth.value === growth.max
    growth.max = String(last)
    if (follows) growth.value = growth.max
    const at = Number(growth.value)
    const gaze = at >= last ? run.latest : run.kept[at]!
    say('grown', at >= last ? `${gaze.epoch} (now)` : String(gaze.epoch))
    const steps = stepsOf(gaze)
    const stays = step.value !== step.max && Number(step.max) === steps
    step.max = String(steps)
    if (!stays) step.value = step.max
    say('looked', `${step.value} of ${steps}`)
    const old = holder.firstElementChild as HTMLElement | null
    const figures =
      old?.classList.contains('gazes') && old.childElementCount === gaze.episodes.length ? old : gazeFigures(gaze)
    if (figures !== old) holder.replaceChildren(figures)
    paintGaze(figures, gaze, Number(step.value) - 1)
  }
}

/** What an agent file says of itself, read by a worker that goes when it has. */
async function cardOf(file: Uint8Array) {
  const reader = new Colleague()
  try {
    return await reader.call('card', { file })
  } finally {
    reader.dismiss()
  }
}

/** Get the tab ready. */
export const startTraining = (host: TrainingHost): void => void new TrainTab(host)
