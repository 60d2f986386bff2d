// The demo's page: what is looked at, the film of the agent looking, and what it believes. State in one place, drawn from
// there.

import { parseIdxImages, parseIdxLabels } from '../../src/datasets/idx.ts'
import { type AgentFile, decodeAgentFile } from '../../src/inference/agent-file.ts'
import { TrainedAgent } from '../../src/inference/trained-agent.ts'
import { byId, element, onScheme } from '../dom.ts'
import { pictureOf, readPalette } from '../scene.ts'
import { digitSide } from './digit.ts'
import { type Backend, backends, chooseEngine, clutterOf, type Digits, type Episode, play } from './mind.ts'
import { Pad } from './pad.ts'
import { drawGlimpse, drawStage } from './stage.ts'

/** Milliseconds that the eye rests, and that it moves. */
const rest = 560
const move = 240

/** What is looked at. */
type Subject = { readonly digit: Uint8Array; readonly label?: number }

const [pad, stage, gallery] = [
  byId('pad', HTMLCanvasElement),
  byId('stage', HTMLCanvasElement),
  byId('gallery', HTMLElement),
]
const [timeline, rows] = [byId('timeline', HTMLElement), byId('rows', HTMLTableElement).tBodies[0]!]
const [playButton, clutterSlider] = [byId('play', HTMLButtonElement), byId('clutter', HTMLInputElement)]
const onlySeen = byId('only-seen', HTMLInputElement)
const backendChoice = byId('backend', HTMLSelectElement)
const still = matchMedia('(prefers-reduced-motion: reduce)')

const say = (id: string, text: string): void => {
  byId(id, HTMLElement).textContent = text
}

async function fetchBytes(name: string): Promise<Uint8Array> {
  const answer = await fetch(new URL(name, document.baseURI))
  if (!answer.ok) throw new Error(`${name} is missing (${answer.status})`)
  return new Uint8Array(await answer.arrayBuffer())
}

class Demo {
  private readonly file: AgentFile
  private agent: TrainedAgent
  private readonly digits: Digits
  private readonly drawing: Pad
  private subject: Subject
  private scatter = 1
  private first = 1
  private episode: Episode | undefined
  private now = 0
  private playing = false
  /** When the current glimpse began, in the time of animation frames. */
  private began = 0
  /** Counts what was asked for, so that an answer that comes late is not shown. */
  private asked = 0

  constructor(file: AgentFile, agent: TrainedAgent, digits: Digits) {
    this.file = file
    this.agent = agent
    this.digits = digits
    this.subject = this.testImage(0)
    this.drawing = new Pad(pad, {
      drawn: (digit) => {
        this.lookAt({ digit })
        stage.scrollIntoView({ block: 'nearest', behavior: still.matches ? 'auto' : 'smooth' })
      },
      told: (text) => say('live', text),
    })
    this.fillGallery()
    this.listen()
  }

  /** Have the subject looked at, as clutter and first look now are, and show it from the beginning. */
  async look(): Promise<void> {
    const asked = ++this.asked
    const { subject, scatter, first } = this
    const request = { digit: subject.digit, clutter: Number(clutterSlider.value), scatter, first }
    const episode = await play(this.agent, this.digits, request)
    if (asked !== this.asked) return
    this.episode = episode
    this.fillTimeline(episode)
    this.fillRows(episode)
    say('time', `${episode.looks.length} glimpses in ${episode.milliseconds.toFixed(0)} ms`)
    stage.dataset.episode = String(asked)
    this.show(0)
    this.run(true)
  }

  private lookAt(subject: Subject): void {
    this.subject = subject
    for (const [i, button] of [...gallery.children].entries())
      button.setAttribute(
        'aria-pressed',
        String(this.testImage(i).digit === subject.digit || sameBytes(this.testImage(i).digit, subject.digit)),
      )
    void this.look()
  }

  private testImage(i: number): Subject {
    const { images, labels } = this.digits
    const size = digitSide * digitSide
    return { digit: images.subarray(i * size, (i + 1) * size), label: labels[i]! }
  }

  private listen(): void {
    byId('clear', HTMLButtonElement).addEventListener('click', () => this.drawing.clear())
    byId('again', HTMLButtonElement).addEventListener('click', () => {
      this.first++
      void this.look()
    })
    byId('scatter', HTMLButtonElement).addEventListener('click', () => {
      this.scatter++
      if (clutterSlider.value === '0') clutterSlider.value = '3'
      say('clutter-count', clutterSlider.value)
      void this.look()
    })
    clutterSlider.addEventListener('input', () => {
      say('clutter-count', clutterSlider.value)
      void this.look()
    })
    playButton.addEventListener('click', () => {
      if (!this.playing && this.now === this.last) this.show(0)
      this.run(!this.playing)
    })
    onlySeen.addEventListener('change', () => this.paint(0))
    backendChoice.addEventListener('change', async () => {
      const before = this.agent
      this.agent = await agentOn(backendChoice.value as Backend, this.file)
      void before.dispose()
      void this.look()
    })
    document.addEventListener('keydown', (event) => this.press(event))
    new ResizeObserver(() => this.paint(0)).observe(stage)
    onScheme(() => {
      this.drawing.paint()
      this.fillGallery()
      if (this.episode) this.fillTimeline(this.episode)
      this.show(this.now)
    })
  }

  /** The arrow keys step through the glimpses, Home and End go to the first and the last, wherever they mean nothing else. */
  private press(event: KeyboardEvent): void {
    if (event.target instanceof HTMLInputElement || event.target instanceof HTMLSelectElement) return
    if (event.ctrlKey || event.altKey || event.metaKey) return
    const wanted = { ArrowLeft: this.now - 1, ArrowRight: this.now + 1, Home: 0, End: this.last }[event.key]
    if (wanted === undefined || !this.episode) return
    event.preventDefault()
    this.run(false)
    this.show(Math.min(this.last, Math.max(0, wanted)))
  }

  private get last(): number {
    return (this.episode?.looks.length ?? 1) - 1
  }

  private run(playing: boolean): void {
    const begins = playing && !this.playing
    this.playing = playing
    playButton.textContent = playing ? 'Pause' : 'Play'
    this.began = performance.now()
    if (begins) requestAnimationFrame((time) => this.frame(time))
  }

  private frame(time: number): void {
    if (!this.playing) return
    const since = time - this.began
    if (since < rest + move) {
      if (since > rest && !still.matches) this.paint((since - rest) / move)
    } else if (this.now < this.last) {
      this.began = time
      this.show(this.now + 1)
    }
    if (this.now === this.last) this.run(false)
    else requestAnimationFrame((next) => this.frame(next))
  }

  /** Go to a glimpse. */
  private show(now: number): void {
    const { episode } = this
    if (!episode) return
    this.now = now
    this.paint(0)
    const { probabilities, location } = episode.looks[now]!
    const best = probabilities.indexOf(Math.max(...probabilities))
    for (const [t, item] of [...timeline.children].entries()) {
      const button = item.firstElementChild!
      button.setAttribute('aria-current', t === now ? 'step' : 'false')
      button.classList.toggle('ahead', t > now)
    }
    for (const [k, row] of [...rows.rows].entries()) {
      row.classList.toggle('best', k === best)
      for (let t = 0; t < episode.looks.length; t++) row.cells[1 + t]!.classList.toggle('ahead', t > now)
      const bar = row.querySelector('i')!
      bar.style.width = `${(100 * probabilities[k]!).toFixed(1)}%`
      row.cells[row.cells.length - 1]!.textContent = percent(probabilities[k]!)
    }
    this.tell(now, best, probabilities[best]!, location)
  }

  private tell(now: number, best: number, sure: number, [x, y]: readonly [number, number]): void {
    const { label } = this.subject
    const done = now === this.last
    const judged = !done || label === undefined ? '' : label === best ? ', and is right' : `, but it is a ${label}`
    const words = `${done ? 'it says' : 'it would say'}, ${percent(sure)} sure after ${plural(now + 1, 'glimpse')}${judged}`
    say('verdict-digit', String(best))
    say('verdict-words', words)
    byId('verdict', HTMLElement).className = done && label !== undefined ? (label === best ? 'right' : 'wrong') : ''
    byId('verdict', HTMLElement).dataset.done = String(done)
    const place = `${Math.round(50 + 50 * x)} % across, ${Math.round(50 + 50 * y)} % down`
    say('stage-words', `Glimpse ${now + 1} of ${this.last + 1}, ${place}: ${best}, ${words}`)
    if (done) say('live', `${best}: ${words}`)
  }

  private paint(onward: number): void {
    const { episode, now } = this
    if (episode) drawStage(stage, { episode, now, onward: Math.min(onward, 0.999), onlySeen: onlySeen.checked })
  }

  private fillGallery(): void {
    const palette = readPalette()
    const buttons = Array.from(this.digits.labels, (label, i) => {
      const subject = this.testImage(i)
      const picture = pictureOf({ pixels: subject.digit, width: digitSide, height: digitSide, channels: 1 }, palette)
      const button = element('button', { type: 'button', title: `Test image: a ${label}` }, picture)
      button.setAttribute('aria-label', `Test image ${i + 1}, a ${label}`)
      button.setAttribute('aria-pressed', String(sameBytes(this.subject.digit, subject.digit)))
      button.addEventListener('click', () => this.lookAt(subject))
      return button
    })
    gallery.replaceChildren(...buttons)
  }

  private fillTimeline({ looks, picture }: Episode): void {
    const items = looks.map((look, t) => {
      const canvas = element('canvas')
      drawGlimpse(canvas, look, picture.windows.length)
      const button = element('button', { type: 'button' }, canvas, element('span', {}, String(t + 1)))
      button.setAttribute('aria-label', `Glimpse ${t + 1}`)
      button.addEventListener('click', () => {
        this.run(false)
        this.show(t)
      })
      return element('li', {}, button)
    })
    timeline.replaceChildren(...items)
  }

  private fillRows({ looks }: Episode): void {
    const made = Array.from({ length: 10 }, (_, k) => {
      const row = element('tr', {}, element('th', { scope: 'row' }, String(k)))
      for (const { probabilities } of looks) {
        const shade = element('b')
        shade.style.opacity = probabilities[k]!.toFixed(3)
        const cell = element('td', { className: 'past' }, shade)
        cell.setAttribute('aria-label', percent(probabilities[k]!))
        row.append(cell)
      }
      row.append(element('td', { className: 'bar' }, element('i')), element('td', { className: 'share' }))
      return row
    })
    rows.replaceChildren(...made)
  }
}

const percent = (share: number): string => `${(100 * share).toFixed(share > 0.0995 ? 0 : 1)} %`
const plural = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`
const sameBytes = (a: Uint8Array, b: Uint8Array): boolean => a.every((value, i) => value === b[i])

/** The agent, computed by this backend or by the next that starts; says which. */
async function agentOn(backend: Backend, file: AgentFile): Promise<TrainedAgent> {
  const engine = await chooseEngine(backend)
  backendChoice.value = engine.name
  return new TrainedAgent(file, engine)
}

async function begin(): Promise<void> {
  const [agent, images, labels] = await Promise.all(['agent.safetensors', 'digits.idx3', 'labels.idx1'].map(fetchBytes))
  const file = decodeAgentFile(agent!, 'agent.safetensors')
  const wanted = backends.find((name) => name === new URLSearchParams(location.search).get('backend')) ?? backends[0]
  backendChoice.append(
    ...backends.map((value) =>
      element('option', { value }, { wasm: 'WebAssembly', webgl: 'WebGL', cpu: 'JavaScript' }[value]),
    ),
  )
  const { epoch, test } = file.card
  const error = test === undefined ? '' : `; errs on ${test.greedy.toFixed(2)} % of the test images`
  say('card', `Agent after ${plural(epoch, 'epoch')}${error}`)
  clutterSlider.value = String(clutterOf(file.card))
  say('clutter-count', clutterSlider.value)
  const digits: Digits = {
    images: parseIdxImages(images!, 'digits.idx3').images,
    labels: parseIdxLabels(labels!, 'labels.idx1'),
  }
  await new Demo(file, await agentOn(wanted, file), digits).look()
}

await begin().catch((error: unknown) => {
  const failure = byId('failure', HTMLElement)
  failure.hidden = false
  failure.textContent = `This page cannot show its agent: ${error instanceof Error ? error.message : String(error)}`
})
