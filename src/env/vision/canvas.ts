// Canvases: a digit at a random place of a larger blank canvas (translated), and pieces of other digits strewn about it
// (cluttered), after Mnih et al. 2014, sections 4.1.1 and 4.1.2.
//
// The paper leaves the blending open. Here pixels add and saturate at 255, as in the generator that DeepMind published
// (google-deepmind/mnist-cluttered, `mnist_cluttered.lua`); it makes the outcome independent of the order of painting.
// Every place is uniform over all places that lie inside, the last included.

import { UserError } from '../../core/errors.ts'
import type { Rng } from '../../core/rng.ts'
import { type ImageSet, pixelsOf } from './image-set.ts'

/** What is painted. */
export type Canvas = {
  /** Pixels: the canvas is square. */
  readonly side: number
  /** How many pieces of other images are strewn about. */
  readonly clutter: number
  /** Pixels: the side of a piece; 8 in the paper. */
  readonly pieceSide: number
  /** Pixels: where the image's top-left corner lies; at a random place by default. */
  readonly place?: { readonly row: number; readonly column: number } | undefined
}

/** @throws UserError where an image does not fit on the canvas, or a piece not in an image. */
export function checkCanvas(canvas: Canvas, { name, height, width }: ImageSet): void {
  if (canvas.side < Math.max(height, width))
    throw new UserError(
      `canvasSide: ${canvas.side} given; images of ${name} are ${height}x${width}, so at least ${Math.max(height, width)} is needed`,
    )
  if (canvas.clutter > 0 && canvas.pieceSide > Math.min(height, width))
    throw new UserError(
      `clutter: pieces of ${canvas.pieceSide}x${canvas.pieceSide} do not fit in images of ${name}, which are ${height}x${width}; set clutter to 0`,
    )
}

/**
 * Paint item `item` of the set into `out`, uint8 [side, side, C] from byte `start`: first the image at a random place (or
 * `drawn`, uint8 [H, W, C], in its stead), then, `clutter` times, a random piece of a random other image of the same set at
 * a random place. The draws are taken from `rng` in that order, column before row.
 */
export function paintCanvas(
  canvas: Canvas,
  set: ImageSet,
  item: number,
  rng: Rng,
  out: Uint8Array,
  start: number,
  drawn?: Uint8Array,
): void {
  const { height, width, channels, indices } = set
  const { side, clutter, pieceSide, place } = canvas
  out.fill(0, start, start + side * side * channels)
  // drawn in any case, so that the clutter is the same wherever the image lies
  const anywhere = { column: rng.integer(side - width + 1), row: rng.integer(side - height + 1) }
  const { row, column } = place ?? anywhere
  const at = start + (row * side + column) * channels
  const [rowBytes, canvasRowBytes] = [width * channels, side * channels]
  const { pixels, from } = drawn ? { pixels: drawn, from: 0 } : pixelsOf(set, indices[item]!)
  addPixels(pixels, from, rowBytes, height, rowBytes, out, at, canvasRowBytes)
  for (let piece = 0; piece < clutter; piece++) {
    const drawn = rng.integer(Math.max(1, indices.length - 1))
    const other = drawn >= item && indices.length > 1 ? drawn + 1 : drawn
    const fromColumn = rng.integer(width - pieceSide + 1)
    const fromRow = rng.integer(height - pieceSide + 1)
    const toColumn = rng.integer(side - pieceSide + 1)
    const toRow = rng.integer(side - pieceSide + 1)
    const to = start + (toRow * side + toColumn) * channels
    const { pixels, from } = pixelsOf(set, indices[other]!)
    const first = from + (fromRow * width + fromColumn) * channels
    addPixels(pixels, first, rowBytes, pieceSide, pieceSide * channels, out, to, canvasRowBytes)
  }
}

/** Add `count` bytes of each of some rows, `stride` bytes apart from byte `from`, to the canvas from byte `to`, saturating at 255. */
function addPixels(
  pixels: Uint8Array,
  from: number,
  stride: number,
  rows: number,
  count: number,
  out: Uint8Array,
  to: number,
  outStride: number,
): void {
  for (let row = 0; row < rows; row++) {
    const source = from + row * stride
    const target = to + row * outStride
    for (let k = 0; k < count; k++) {
      const sum = out[target + k]! + pixels[source + k]!
      out[target + k] = sum > 255 ? 255 : sum
    }
  }
}
