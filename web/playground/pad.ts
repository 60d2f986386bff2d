// The drawing pad: strokes by mouse, finger or pen, or with the arrow keys. What is drawn is kept as lines, so that the
// ink can be laid on as thick as the digit is large.

import { sharpContext } from '../dom.ts'
import { readPalette } from '../scene.ts'
import { digitOf } from './digit.ts'
import { wayOf } from './spots.ts'

/** A line through points in [0, 1]. */
type Stroke = { readonly x: number; readonly y: number }[]

/** Pixels along one side of the ink that is measured; the pad on the page may have any size. */
const inkPixels = 140
/** How thick a line is, as a part of the digit's longer side: about that of MNIST's. */
const thickness = 0.12
/** How thick it looks on the pad, as a part of its side. */
const penWidth = 0.065
/** How far one press of an arrow key goes. */
const stride = 1 / 24
/** Milliseconds after the pen was lifted in which another stroke may begin. */
const patience = 650

/** What the pad tells. */
export type PadEvents = {
  /** The drawing is done, for now: uint8 [28, 28]. */
  readonly drawn: (digit: Uint8Array) => void
  /** Something to be read out. */
  readonly told: (text: string) => void
}

export class Pad {
  private readonly canvas: HTMLCanvasElement
  private readonly events: PadEvents
  private strokes: Stroke[] = []
  private stroke: Stroke | undefined
  /** The keyboard's pen. */
  private pen = { x: 0.5, y: 0.25, down: false, shown: false }
  private timer = 0

  constructor(canvas: HTMLCanvasElement, events: PadEvents) {
    this.canvas = canvas
    this.events = events
    canvas.addEventListener('pointerdown', (event) => this.begin(event))
    canvas.addEventListener('pointermove', (event) => this.move(event))
    for (const name of ['pointerup', 'pointercancel'] as const) canvas.addEventListener(name, () => this.lift())
    canvas.addEventListener('keydown', (event) => this.press(event))
    canvas.addEventListener('blur', () => this.showPen(false))
    new ResizeObserver(() => this.paint()).observe(canvas)
  }

  clear(): void {
    clearTimeout(this.timer)
    this.strokes = []
    this.stroke = undefined
    this.paint()
  }

  paint(): void {
    const { context, width } = sharpContext(this.canvas)
    const palette = readPalette()
    context.scale(width, width)
    drawStrokes(context, this.strokes, penWidth, palette.ink)
    if (!this.pen.shown) return
    context.strokeStyle = palette.accent
    context.fillStyle = this.pen.down ? palette.accent : 'transparent'
    context.lineWidth = 0.008
    context.beginPath()
    context.arc(this.pen.x, this.pen.y, 0.025, 0, 2 * Math.PI)
    context.fill()
    context.stroke()
  }

  private begin(event: PointerEvent): void {
    if (event.button !== 0) return
    clearTimeout(this.timer)
    this.canvas.setPointerCapture(event.pointerId)
    this.stroke = [this.pointOf(event)]
    this.strokes.push(this.stroke)
    this.paint()
  }

  private move(event: PointerEvent): void {
    if (!this.stroke) return
    const all = event.getCoalescedEvents?.() ?? []
    for (const each of all.length > 0 ? all : [event]) this.stroke.push(this.pointOf(each))
    this.paint()
  }

  private lift(): void {
    if (!this.stroke) return
    this.stroke = undefined
    this.timer = window.setTimeout(() => this.finish(), patience)
  }

  private pointOf(event: PointerEvent): { x: number; y: number } {
    const { left, top, width, height } = this.canvas.getBoundingClientRect()
    return { x: (event.clientX - left) / width, y: (event.clientY - top) / height }
  }

  private press(event: KeyboardEvent): void {
    const way = wayOf(event.key, stride)
    if (way) this.movePen(way[0], way[1])
    else if (event.key === ' ') this.togglePen()
    else if (event.key === 'Enter') this.finish()
    else if (event.key === 'Delete' || event.key === 'Backspace') this.clear()
    else return
    event.preventDefault()
    event.stopPropagation()
  }

  private movePen(right: number, down: number): void {
    const inside = (value: number): number => Math.min(0.96, Math.max(0.04, value))
    this.pen = { ...this.pen, x: inside(this.pen.x + right), y: inside(this.pen.y + down) }
    if (this.pen.down) this.strokes.at(-1)?.push({ x: this.pen.x, y: this.pen.y })
    this.showPen(true)
  }

  private togglePen(): void {
    clearTimeout(this.timer)
    const down = !this.pen.down
    this.pen = { ...this.pen, down }
    if (down) this.strokes.push([{ x: this.pen.x, y: this.pen.y }])
    this.events.told(down ? 'Pen down' : 'Pen up; Enter to have it looked at')
    this.showPen(true)
  }

  private showPen(shown: boolean): void {
    this.pen = { ...this.pen, shown, down: this.pen.down && shown }
    this.paint()
  }

  private finish(): void {
    clearTimeout(this.timer)
    this.showPen(document.activeElement === this.canvas && this.pen.shown)
    const digit = digitOf(inkOf(this.strokes), inkPixels)
    if (digit) this.events.drawn(digit)
    else this.events.told('Nothing is drawn yet')
  }
}

/** Strokes as ink, uint8 [inkPixels, inkPixels], lines as thick as the drawing is large. */
function inkOf(strokes: readonly Stroke[]): Uint8Array {
  const points = strokes.flat()
  const extent = (axis: 'x' | 'y'): number => {
    const all = points.map((point) => point[axis])
    return Math.max(...all) - Math.min(...all)
  }
  const longer = points.length > 0 ? Math.max(extent('x'), extent('y')) : 0
  const canvas = Object.assign(document.createElement('canvas'), { width: inkPixels, height: inkPixels })
  const context = canvas.getContext('2d', { willReadFrequently: true })!
  context.scale(inkPixels, inkPixels)
  drawStrokes(context, strokes, thickness * Math.max(longer, 0.25), '#000')
  const { data } = context.getImageData(0, 0, inkPixels, inkPixels)
  return Uint8Array.from({ length: inkPixels * inkPixels }, (_, i) => data[4 * i + 3]!)
}

function drawStrokes(context: CanvasRenderingContext2D, strokes: readonly Stroke[], width: number, ink: string): void {
  context.lineCap = 'round'
  context.lineJoin = 'round'
  context.lineWidth = width
  context.strokeStyle = ink
  context.fillStyle = ink
  for (const stroke of strokes) {
    const [first] = stroke
    context.beginPath()
    if (stroke.every(({ x, y }) => x === first!.x && y === first!.y)) {
      // a tap is a dot: a line that goes nowhere is not drawn
      context.arc(first!.x, first!.y, width / 2, 0, 2 * Math.PI)
      context.fill()
    } else {
      for (const { x, y } of stroke) context.lineTo(x, y)
      context.stroke()
    }
  }
}
