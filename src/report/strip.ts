// A film on one sheet, for print: a row per episode, a column per glimpse; and a gallery of right and wrong answers.

import type { Replay } from '../inference/replay.ts'
import { beliefAt, drawMark, drawVerdict, glimpseAt, placeAt, type Reel, reconstructionOf, verdictOn } from './film.ts'
import { drawGlimpse, drawReconstruction, drawScene } from './gaze.ts'
import { argMax } from './statistics.ts'
import { element, svgDocument, text } from './svg.ts'
import { faded, ink, right, rule, wrong } from './theme.ts'

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
        text(shortened(names[likeliest] ?? ''), x + small + 6, y + cell + 4 + 17, {
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
      drawVerdict(reel, b, margin, y + cell + 20),
      ...columns,
    ].join('')
  })
  const headings = steps.map((t, i) =>
    text(`${moving ? 'step' : 'glimpse'} ${t + 1}`, left + i * (cell + gap), header - 8, { size: 10, fill: faded }),
  )
  return svgDocument(
    width,
    header + replay.batch * rowHeight,
    text(title, margin, 30, { size: 15, bold: true }),
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

const shortened = (name: string): string => (name.length > 7 ? `${name.slice(0, 6)}…` : name)

/** Right answers above, wrong ones below, each scene with the way that the eye went. */
export function drawGallery(
  correct: Reel | undefined,
  mistaken: Reel | undefined,
  head: { readonly title: string; readonly subtitle: string },
): string {
  const across = 8
  const pitch = cell + 14
  const parts: string[] = []
  let y = 74
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
  return svgDocument(
    2 * margin + across * pitch - 14,
    y,
    text(head.title, margin, 30, { size: 15, bold: true }),
    text(head.subtitle, margin, 48, { size: 11, fill: faded }),
    ...parts,
  )
}

/** One scene of the gallery, and what was said of it. */
function drawAnswer({ replay, moving }: Reel, b: number, x: number, y: number): string {
  const end = replay.lengths[b]! - 1
  const path = Array.from({ length: end + 1 }, (_, t) => placeAt(replay, t, b))
  const decided = replay.belief?.decided[b] ?? 0
  const sure = `${Math.round(100 * (beliefAt(replay, end, b)[decided] ?? 0))} %`
  const { words } = verdictOn(replay, b, shortened)
  return [
    drawScene(replay.finale![b]!, x, y, cell, moving ? {} : { path, at: path[end]! }),
    text(words, x, y + cell + 14, { size: 11, bold: true, fill: colourOf(replay, b, decided) }),
    replay.target === undefined ? '' : text(sure, x + cell, y + cell + 14, { size: 10, fill: faded, anchor: 'end' }),
  ].join('')
}
