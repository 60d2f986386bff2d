// One training of the page: its worker, what it has told, and its row in the list of runs.

import type { Gaze, Point, RunDetail } from '../../src/dashboard/protocol.ts'
import { formatMetric } from '../../src/report/metrics.ts'
import { duration } from '../../src/report/terminal.ts'
import type { PartialConfig } from '../../src/runs/config.ts'
import { pointOf } from '../../src/runs/points.ts'
import type { Measure } from '../../src/runs/records.ts'
import { element } from '../dom.ts'
import { Colleague } from './colleague.ts'
import { inWords, type Setting } from './setting.ts'
import type { News, SavedAgent } from './wire.ts'

/** How many checkpoints' looks are kept; of more, every other one. */
const mostKept = 60

type State = 'starting' | 'running' | 'paused' | 'complete' | 'failed'

/** How a row is drawn, and what its buttons do. */
export type RowActions = {
  readonly colour: string
  readonly chosen: boolean
  readonly choose: () => void
  readonly save: () => void
  readonly tryIt: () => void
  readonly remove: () => void
}

export class Run {
  readonly name: string
  readonly setting: Setting
  readonly row = element('li', { className: 'run' })
  /** How its agent looks now, and looked after each epoch, from 0. */
  latest: Gaze | undefined
  kept: Gaze[] = []
  /** Whether there are pictures of its world. */
  drawn = true
  /** What has come since it was last drawn. */
  fresh = { row: false, points: false, gaze: false }
  private readonly colleague: Colleague
  private readonly changed: () => void
  private points: Point[] = []
  private state: State = 'starting'
  private epochs: number
  private measure: Measure = 'error'
  private progress = 0
  private pace: { readonly imagesPerSecond: number; readonly secondsLeft: number } | undefined
  private failure = ''
  private config: PartialConfig | undefined
  private actions: RowActions | undefined

  /** @param changed called whenever there is something new */
  constructor(name: string, setting: Setting, changed: () => void) {
    this.name = name
    this.setting = setting
    this.epochs = setting.epochs
    this.changed = changed
    this.colleague = new Colleague((news) => this.take(news))
  }

  /** Start it. @param from an agent file that it begins with */
  begin(config: PartialConfig, from?: Uint8Array): void {
    this.config = config
    const digits = String(new URL('mnist/', document.baseURI))
    this.colleague.call('train', { config, digits, ...(from && { from }) }).then(
      ({ epochs, measure, figure, drawn }) => {
        this.epochs = epochs
        this.drawn = drawn
        this.measure = measure
        const error = measure === 'return' ? -figure : figure
        this.points = [{ epoch: 0, values: { 'validation.error': error } }]
        this.fresh.points = true
        this.permit('run')
      },
      (error: Error) => this.take({ failure: error.message }),
    )
  }

  permit(permit: 'run' | 'pause' | 'step'): void {
    if (this.state === 'complete' || this.state === 'failed') return
    this.state = permit === 'run' ? 'running' : 'paused'
    void this.colleague.call('permit', permit)
    this.tell()
  }

  private tell(): void {
    this.fresh.row = true
    this.changed()
  }

  save(): Promise<SavedAgent> {
    return this.colleague.call('save', {})
  }

  /** Let go of it. */
  end(): void {
    this.colleague.dismiss()
  }

  /** As the charts want it. */
  get detail(): RunDetail {
    const { name, setting, points, epochs, measure, config } = this
    const state = this.state === 'complete' ? 'complete' : 'training'
    return {
      ...{ name, state, points, epochs, measure, complaints: [], checkpoint: '', updated: 0, problems: 0 },
      ...{ epoch: points.at(-1)?.epoch ?? 0, environment: setting.world, algorithm: setting.algorithm },
      config: config as Readonly<Record<string, unknown>>,
    }
  }

  private take(news: News): void {
    if ('epoch' in news) {
      this.points.push(pointOf(news.epoch)!)
      this.fresh.points = true
    } else if ('progress' in news) {
      this.progress = news.progress
      this.pace = news
    } else if ('gaze' in news) {
      this.latest = news.gaze
      if (news.kept) this.keep(news.gaze)
      this.fresh.gaze = true
    } else if ('summary' in news) this.state = 'complete'
    else {
      this.state = 'failed'
      this.failure = news.failure
    }
    this.tell()
  }

  private keep(gaze: Gaze): void {
    this.kept.push(gaze)
    if (this.kept.length > mostKept) this.kept = this.kept.filter((_, i) => i % 2 === 0)
  }

  /** Build the row anew. */
  show(actions: RowActions): void {
    this.actions = actions
    const mark = element('i', { className: 'mark' })
    mark.style.background = actions.colour
    const title = element(
      'button',
      { type: 'button', className: 'name' },
      mark,
      element('b', {}, this.name),
      ` ${inWords(this.setting)}`,
    )
    title.setAttribute('aria-pressed', String(actions.chosen))
    title.addEventListener('click', actions.choose)
    const button = (words: string, kind: string, act: () => void): HTMLButtonElement => {
      const made = element('button', { type: 'button', className: kind }, words)
      made.setAttribute('aria-label', `${words} ${this.name}`)
      made.addEventListener('click', act)
      return made
    }
    this.row.replaceChildren(
      title,
      element('p', { className: 'figure' }),
      element('p', { className: 'standing muted' }),
      element(
        'div',
        { className: 'controls' },
        button('Pause', 'pause', () => this.permit(this.state === 'running' ? 'pause' : 'run')),
        button('Step', 'step', () => this.permit('step')),
        button('Save', 'save', actions.save),
        ...(this.setting.world === 'MNIST' ? [button('Try it', 'try', actions.tryIt)] : []),
        button('Remove', 'remove', actions.remove),
      ),
    )
    this.paint()
  }

  /** Bring the row up to date. */
  paint(): void {
    const { row, state } = this
    if (!this.actions) return
    const find = <Kind extends HTMLElement>(name: string): Kind | null => row.querySelector<Kind>(`.${name}`)
    row.dataset.state = state
    row.dataset.epoch = String(this.points.at(-1)?.epoch ?? '')
    find('figure')!.replaceChildren(...this.figure())
    find('standing')!.textContent = this.standing()
    const over = state === 'complete' || state === 'failed'
    const pause = find<HTMLButtonElement>('pause')!
    pause.textContent = state === 'running' || state === 'starting' ? 'Pause' : 'Go on'
    pause.setAttribute('aria-label', `${pause.textContent} ${this.name}`)
    pause.disabled = over || state === 'starting'
    find<HTMLButtonElement>('step')!.disabled = over || state === 'starting'
    for (const name of ['save', 'try']) {
      const button = find<HTMLButtonElement>(name)
      if (button) button.disabled = state === 'failed' || state === 'starting'
    }
  }

  /** `87.3 % right`, large. */
  private figure(): (Node | string)[] {
    const value = this.points.at(-1)?.values['validation.error']
    if (value === undefined) return []
    if (this.measure === 'error' || this.measure === 'failure')
      return [element('b', {}, `${(100 - value).toFixed(1)} %`), ' right']
    const word = this.measure === 'return' ? 'return' : 'distance'
    return [element('b', {}, formatMetric('', this.measure === 'return' ? -value : value)), ` ${word}`]
  }

  private standing(): string {
    const { state, epochs, pace } = this
    if (state === 'starting') return 'starting …'
    if (state === 'failed') return `stopped: ${this.failure}`
    const epoch = this.points.at(-1)?.epoch ?? 0
    const far = `epoch ${epoch} of ${epochs}`
    if (state === 'complete') return `${far}, complete; its best epoch is kept`
    const part = this.progress > 0 && this.progress < 1 ? ` and ${Math.round(100 * this.progress)} %` : ''
    const speed = pace ? `, ${Math.round(pace.imagesPerSecond).toLocaleString('en')} images/s` : ''
    const left = pace && state === 'running' ? `, about ${duration(pace.secondsLeft)} left` : ''
    return `${state === 'paused' ? 'paused, ' : ''}${far}${part}${speed}${left}`
  }
}
