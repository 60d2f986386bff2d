// Pictures of white and grey rectangles on black, of any size, drawn only where they are looked at: what lies under a cell
// of the eye is found by a grid, and how much of the cell it covers is exact. Nothing is ever painted whole but for a
// bystander, so that what a look costs depends on the window and not on the canvas.

import type { Picture } from '../environment.ts'

/** A rectangle of one brightness; rectangles of a scene do not overlap. */
export type Stroke = {
  /** Pixels: [left, right) and [top, bottom). */
  readonly left: number
  readonly right: number
  readonly top: number
  readonly bottom: number
  /** In [0, 1]. */
  readonly light: number
}

/** A bucket of the grid is at least this many pixels wide, and there are no more than this many in a row. */
const [narrowestBucket, bucketsInARow] = [64, 64]

/** The side of a bystander's picture is at most this many pixels. */
const largestPicture = 1024

/** A square canvas with strokes on it. */
export class StrokeCanvas {
  private readonly side: number
  private readonly strokes: readonly Stroke[]
  /** Pixels along one side of a bucket of the grid. */
  private readonly bucketSide: number
  /** Indices of the strokes that touch a bucket, by `row * bucketsInARow + column`. */
  private readonly buckets = new Map<number, number[]>()
  /** Which look last drew each stroke: one that touches several buckets is drawn once. */
  private readonly drawn: Int32Array
  private looks = 0

  constructor(side: number, strokes: readonly Stroke[]) {
    this.side = side
    this.strokes = strokes
    this.drawn = new Int32Array(strokes.length)
    this.bucketSide = Math.max(narrowestBucket, Math.ceil(side / bucketsInARow))
    for (const [i, { left, right, top, bottom }] of strokes.entries())
      this.eachBucket(left, right, top, bottom, (key) => {
        const bucket = this.buckets.get(key)
        if (bucket) bucket.push(i)
        else this.buckets.set(key, [i])
      })
  }

  /** Draw `cells` x `cells` cells, each `cell` pixels wide, about (x, y) in pixels, to `out` from `at`: how light each is. */
  look(x: number, y: number, cells: number, cell: number, out: Float32Array, at: number): void {
    const [left, top] = [x - (cells * cell) / 2, y - (cells * cell) / 2]
    out.fill(0, at, at + cells * cells)
    this.looks++
    this.eachBucket(left, left + cells * cell, top, top + cells * cell, (key) => {
      for (const i of this.buckets.get(key) ?? []) {
        if (this.drawn[i] === this.looks) continue
        this.drawn[i] = this.looks
        cover(this.strokes[i]!, left, top, cells, cell, out, at)
      }
    })
    for (let i = at; i < at + cells * cells; i++) out[i] = Math.min(out[i]!, 1) // rounding may pass 1 by a hair
  }

  /** The whole canvas, made smaller where it is large, with windows of these sides in pixels of the canvas. */
  picture(windows: readonly number[]): Picture {
    const side = Math.min(this.side, largestPicture)
    const scale = side / this.side
    const light = new Float32Array(side * side)
    for (const stroke of this.strokes) cover(stroke, 0, 0, side, 1 / scale, light, 0)
    const pixels = Uint8Array.from(light, (value) => Math.round(255 * Math.min(1, value)))
    return { pixels, height: side, width: side, channels: 1, windows: windows.map((window) => window * scale) }
  }

  /** Visit the keys of the buckets that a rectangle touches. */
  private eachBucket(left: number, right: number, top: number, bottom: number, visit: (key: number) => void): void {
    const { bucketSide, side } = this
    const [columns, rows] = [Math.min(right, side), Math.min(bottom, side)].map((end) => Math.ceil(end / bucketSide))
    for (let row = Math.max(0, Math.floor(top / bucketSide)); row < rows!; row++)
      for (let column = Math.max(0, Math.floor(left / bucketSide)); column < columns!; column++)
        visit(row * bucketsInARow + column)
  }
}

/** Add a stroke's light to the cells that it covers, in part or in whole. */
function cover(stroke: Stroke, left: number, top: number, cells: number, cell: number, out: Float32Array, at: number) {
  const firstColumn = Math.max(0, Math.floor((stroke.left - left) / cell))
  const lastColumn = Math.min(cells - 1, Math.ceil((stroke.right - left) / cell) - 1)
  const firstRow = Math.max(0, Math.floor((stroke.top - top) / cell))
  const lastRow = Math.min(cells - 1, Math.ceil((stroke.bottom - top) / cell) - 1)
  for (let row = firstRow; row <= lastRow; row++) {
    const down = overlap(stroke.top, stroke.bottom, top + row * cell, cell)
    for (let column = firstColumn; column <= lastColumn; column++)
      out[at + row * cells + column]! +=
        (stroke.light * down * overlap(stroke.left, stroke.right, left + column * cell, cell)) / (cell * cell)
  }
}

/** How much of [from, from + length) lies within [low, high). */
const overlap = (low: number, high: number, from: number, length: number): number =>
  Math.max(0, Math.min(high, from + length) - Math.max(low, from))
