// Digits as people write them, as strokes: fourteen shapes, each drawn in six ways.

export type Point = readonly [number, number]
export type Strokes = readonly (readonly Point[])[]

/** Points on an ellipse around (x, y), from one angle to another, in degrees: 0 is right, 90 is down. */
function arc(x: number, y: number, across: number, down: number, from: number, to: number): Point[] {
  const count = Math.max(3, Math.ceil(Math.abs(to - from) / 20))
  return Array.from({ length: count + 1 }, (_, i) => {
    const angle = ((from + ((to - from) * i) / count) * Math.PI) / 180
    return [x + across * Math.cos(angle), y + down * Math.sin(angle)]
  })
}

const seven: readonly Point[] = [
  [0.25, 0.18],
  [0.74, 0.18],
  [0.6, 0.5],
  [0.45, 0.86],
]

/** On a sheet of [0, 1] x [0, 1], y down. */
export const shapes: Readonly<Record<string, { readonly digit: number; readonly strokes: Strokes }>> = {
  zero: { digit: 0, strokes: [arc(0.5, 0.5, 0.22, 0.34, -90, 270)] },
  'one, a line': {
    digit: 1,
    strokes: [
      [
        [0.5, 0.15],
        [0.5, 0.85],
      ],
    ],
  },
  'one with a flag': {
    digit: 1,
    strokes: [
      [
        [0.38, 0.3],
        [0.53, 0.15],
        [0.53, 0.85],
      ],
    ],
  },
  two: { digit: 2, strokes: [[...arc(0.5, 0.33, 0.2, 0.18, -170, 40), [0.3, 0.83], [0.74, 0.83]]] },
  three: { digit: 3, strokes: [[...arc(0.48, 0.32, 0.2, 0.17, -150, 90), ...arc(0.48, 0.67, 0.23, 0.18, -90, 150)]] },
  'four, open': {
    digit: 4,
    strokes: [
      [
        [0.33, 0.17],
        [0.27, 0.55],
        [0.75, 0.55],
      ],
      [
        [0.65, 0.2],
        [0.62, 0.88],
      ],
    ],
  },
  'four, closed': {
    digit: 4,
    strokes: [
      [
        [0.6, 0.88],
        [0.6, 0.14],
        [0.25, 0.6],
        [0.78, 0.6],
      ],
    ],
  },
  five: {
    digit: 5,
    strokes: [[[0.7, 0.16], [0.38, 0.16], [0.34, 0.45], ...arc(0.47, 0.64, 0.23, 0.21, -110, 140)]],
  },
  six: { digit: 6, strokes: [[[0.62, 0.14], [0.42, 0.35], [0.31, 0.6], ...arc(0.5, 0.67, 0.2, 0.18, 180, -180)]] },
  seven: { digit: 7, strokes: [seven] },
  'seven with a bar': {
    digit: 7,
    strokes: [
      seven,
      [
        [0.42, 0.52],
        [0.76, 0.52],
      ],
    ],
  },
  eight: {
    digit: 8,
    strokes: [[...arc(0.5, 0.32, 0.17, 0.16, 60, -240), ...arc(0.5, 0.66, 0.2, 0.19, -120, 240)]],
  },
  'nine, straight': { digit: 9, strokes: [[...arc(0.47, 0.34, 0.19, 0.18, 0, -360), [0.64, 0.86]]] },
  'nine, curved': {
    digit: 9,
    strokes: [[...arc(0.48, 0.33, 0.19, 0.17, 0, -360), [0.66, 0.6], ...arc(0.5, 0.65, 0.16, 0.2, 0, 130)]],
  },
}

const about =
  (change: (x: number, y: number) => Point) =>
  (strokes: Strokes): Strokes =>
    strokes.map((points) => points.map(([x, y]) => change(x - 0.5, y - 0.5)).map(([x, y]): Point => [x + 0.5, y + 0.5]))

const turned = (degrees: number) => {
  const [cos, sin] = [Math.cos((degrees * Math.PI) / 180), Math.sin((degrees * Math.PI) / 180)]
  return about((x, y) => [cos * x - sin * y, sin * x + cos * y])
}

/** The ways in which each is drawn. */
export const ways: Readonly<Record<string, (strokes: Strokes) => Strokes>> = {
  plain: (strokes) => strokes,
  'tiny, a quarter as large': about((x, y) => [x / 4, y / 4]),
  'off-centre, half as large in a corner': about((x, y) => [x / 2 + 0.22, y / 2 - 0.22]),
  'slanted by 15 degrees': about((x, y) => [x - 0.27 * y, y]),
  'turned left by 12 degrees': turned(-12),
  'turned right by 12 degrees': turned(12),
}
