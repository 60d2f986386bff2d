// A film on one sheet, for print: a row per episode, a column per glimpse; and a gallery of right and wrong answers.

import type { Replay } from '../inference/replay.ts'
import { beliefAt, drawMark, drawVerdict, glimpseAt, placeAt, type Reel, reconstructionOf } from './film.ts'
import { drawGlimpse, drawReconstruction, drawScene } from './gaze.ts'
import { widthOf } from './measure.ts'
import { type Heading, heading } from './sheet.ts'
import { argMax } from './statistics.ts'
import { element, shortened, svgDocument, text } from './svg.ts'
import { faded, ink, right, rule, wrong } from './theme.ts'
import { verdictOn } from './verdict.ts'

const [cell, gap, margin, header] = [92, 8, 22, 66]

/** At most this many columns; of longer episodes, steps evenly apart, the first and the last among them. */
const mostColumns = 8

/** One row per episode: the scene with the whole path, then after each glimpse what has been seen, what the retina sees, and the likeliest class. */
export function drawStrip(reel: Reel): string {
  const { replay, title, moving, glimpseShape } = reel
  const names = replay.belief?.names ?? []
  const steps = stepsShown(replay.steps)
  const small = 40
  const rowHeight = cell + 4 + small + 26
  const left = margin + cell + 3 * gap
  const width = left + steps.length * (cell + gap) - gap + margin
  const rows = Array.from({ length: replay.batch }, (_, b) => {
    const y = header + b * rowHeight
    const end = replay.lengths[b]! - 1
    const path = Array.from({ length: end + 1 }, (_, t) => placeAt(replay, t, b))
    const picture = replay.finale![b]!
    const columns = steps.map((t, i) => {
      if (t > end) return ''
      const x = left + i * (cell + gap)
      const top = moving
        ? drawScene(replay.pictures![t]![b]!, x, y, cell, { at: placeAt(replay, t, b) })
        : drawReconstruction(reconstructionOf(reel, 0, t, b), x, y, cell) + outline(reel, t, b, x, y)
      const probabilities = beliefAt(replay, t, b)
      const likeliest = argMax(probabilities)
      return [
        top,
        drawGlimpse(glimpseAt(replay, t, b), glimpseShape, x, y + cell + 4, small),
        text(fitted(names[likeliest] ?? '', cell - small - 6, 12), x + small + 6, y + cell + 4 + 17, {
          size: 12,
          bold: true,
          fill: colourOf(replay, b, likeliest),
        }),
        text(`${Math.round(100 * probabilities[likeliest]!)} %`, x + small + 6, y + cell + 4 + 32, {
          size: 10,
          fill: faded,
        }),
      ].join('')
    })
    return [
      drawScene(picture, margin, y, cell, { path: moving ? [] : path }),
      drawVerdict(reel, b, margin, y + cell + 20, cell),
      ...columns,
    ].join('')
  })
  const headings = steps.map((t, i) =>
    text(`${moving ? 'step' : 'glimpse'} ${t + 1}`, left + i * (cell + gap), header - 8, { size: 10, fill: faded }),
  )
  return svgDocument(
    width,
    header + replay.batch * rowHeight,
    text(fitted(title, width - 2 * margin, 15), margin, 30, { size: 15, bold: true }),
    element('line', { x1: margin, x2: width - margin, y1: 41, y2: 41, stroke: rule }),
    text(moving ? 'the end' : 'image and path', margin, header - 8, { size: 10, fill: faded }),
    ...headings,
    ...rows,
  )
}

/** The windows of glimpse t over what has been seen. */
function outline({ replay }: Reel, t: number, b: number, x: number, y: number): string {
  const picture = replay.pictures![t]![b]!
  const channels = picture.channels + 1
  const nothing = { ...picture, pixels: new Uint8Array(picture.height * picture.width * channels), channels }
  return drawScene(nothing, x, y, cell, { at: placeAt(replay, t, b) })
}

/** Which steps have a column. */
export function stepsShown(steps: number): number[] {
  const count = Math.min(steps, mostColumns)
  return Array.from({ length: count }, (_, i) => (count === 1 ? 0 : Math.round((i * (steps - 1)) / (count - 1))))
}

const colourOf = ({ target, belief }: Replay, b: number, decided: number): string =>
  target === undefined || belief?.of !== 'prediction' ? ink : target[b] === decided ? right : wrong

/** Bold words, cut where they are wider than the room. */
const fitted = (words: string, room: number, size = 11): string =>
  shortened(words, room, (part) => widthOf(part, size, true))

/** Right answers above, wrong ones below, each scene with the way that the eye went. */
export function drawGallery(correct: Reel | undefined, mistaken: Reel | undefined, head: Heading): string {
  const across = 8
  const pitch = cell + 14
  const width = 2 * margin + across * pitch - 14
  const { svg: above, bottom } = heading(head, width)
  const parts: string[] = []
  let y = bottom + 20
  for (const [reel, isRight] of [
    [correct, true],
    [mistaken, false],
  ] as const) {
    if (!reel) continue
    const [good, bad] = reel.replay.target ? ['right', 'wrong, the surest first'] : ['paid', 'not paid']
    const words = isRight ? good : bad
    parts.push(drawMark(isRight, margin, y - 8), text(words, margin + 15, y, { size: 12, bold: true }))
    y += 12
    for (let b = 0; b < reel.replay.batch; b++) {
      const [column, row] = [b % across, Math.floor(b / across)]
      parts.push(drawAnswer(reel, b, margin + column * pitch, y + row * (cell + 28)))
    }
    y += Math.ceil(reel.replay.batch / across) * (cell + 28) + 20
  }
  return svgDocument(width, y, above, ...parts)
}

/** A few episodes in a square that fits a card of TensorBoard: each scene with the whole path, and what was said of it. */
export function drawGazeCard(reel: Reel): string {
  const { replay, title, moving } = reel
  const [side, across, wide] = [150, 2, 340]
  const pitch = side + 14
  const cards = Array.from({ length: replay.batch }, (_, b) => {
    const [x, y] = [13 + (b % across) * pitch, 34 + Math.floor(b / across) * (side + 30)]
    const end = replay.lengths[b]! - 1
    const path = Array.from({ length: end + 1 }, (_, t) => placeAt(replay, t, b))
    const scene = drawScene(replay.finale![b]!, x, y, side, { path, at: path[end]! })
    const sure = `${Math.round(100 * (beliefAt(replay, end, b)[replay.belief?.decided[b] ?? 0] ?? 0))} %`
    const aside = moving ? '' : text(sure, x + side, y + side + 16, { size: 10, fill: faded, anchor: 'end' })
    return scene + drawVerdict(reel, b, x, y + side + 16, side - (moving ? 0 : 30)) + aside
  })
  const height = 34 + Math.ceil(replay.batch / across) * (side + 30)
  return svgDocument(wide, height, text(fitted(title, wide - 26, 13), 13, 22, { size: 13, bold: true }), ...cards)
}

/** One scene of the gallery, and what was said of it. */
function drawAnswer({ replay, moving }: Reel, b: number, x: number, y: number): string {
  const end = replay.lengths[b]! - 1
  const path = Array.from({ length: end + 1 }, (_, t) => placeAt(replay, t, b))
  const decided = replay.belief?.decided[b] ?? 0
  const sure = `${Math.round(100 * (beliefAt(replay, end, b)[decided] ?? 0))} %`
  const room = cell - (replay.target === undefined ? 0 : widthOf(sure, 10) + 4)
  const half = (room - widthOf(', not ', 11, true)) / 2
  const { correct } = verdictOn(replay, b)
  const { words } = verdictOn(replay, b, (name) => fitted(name, correct ? room : half))
  return [
    drawScene(replay.finale![b]!, x, y, cell, moving ? {} : { path, at: path[end]! }),
    text(words, x, y + cell + 14, { size: 11, bold: true, fill: colourOf(replay, b, decided) }),
    replay.target === undefined ? '' : text(sure, x + cell, y + cell + 14, { size: 10, fill: faded, anchor: 'end' }),
  ].join('')
}
