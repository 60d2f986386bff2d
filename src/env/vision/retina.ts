// The eye: foveated windows at several scales, cut from a batch of images at real-valued places. Every scale looks at
// the images in a size at which its cells are between one and two pixels wide: the finest at the images themselves, the
// coarser ones at a pyramid of halved copies. So a window is a small patch to read at every scale, however large the
// image. Nothing here knows of tasks or episodes.

import { OptionError } from '../../core/errors.ts'

/** Bytes, 0 to 255, or real numbers in [0, 1]. */
export type Pixels = Uint8Array | Float32Array

/** What the eye looks at, and through which window. */
export type RetinaShape = {
  /** Pixels. */
  readonly height: number
  /** Pixels. */
  readonly width: number
  /** C. */
  readonly channels: number
  /** G: cells along one side of the window, at every scale; odd or even. */
  readonly glimpseSide: number
  /** S: windows about one centre, the finest first. */
  readonly scales: number
  /** At least 1: the window of scale s covers glimpseSide * scaleFactor^s pixels a side. */
  readonly scaleFactor: number
  /** The byte seen outside the image, 0 by default: that of the images' own background, so that the border is no cue. */
  readonly background?: number
}

/** Cells are at most this many pixels wide. */
const widestCell = 2 ** 20

/**
 * Foveated multi-scale glimpses of a batch of images at a batch of locations (Mnih et al. 2014, section 3.1).
 *
 * Level 0 of the pyramid is the image in an endless plane of background. A pixel of level l + 1 is the mean of 2x2
 * pixels of level l, of bytes rounded to a byte (a half up); the image's top-left corner is a pixel's corner at every level. The
 * value of a cell that is `cell` pixels of the image wide is the area average, over the cell's square, of level
 * floor(log2(cell)), of bytes divided by 255. It is exact and continuous in the location. Cells of 1, 2, 4 ... pixels are thus
 * bilinear interpolations of a level, and cells narrower than 2 pixels average the image itself.
 */
export class Retina {
  /** S * G * G * C: how many numbers one glimpse has. */
  readonly size: number
  /** float64 [S]: the side of a cell in pixels, by scale. */
  readonly cells: Float64Array

  private readonly shape: Required<RetinaShape>
  private readonly scales: readonly Scale[]
  /** As many as the coarsest scale needs. */
  private readonly levels: readonly Level[]
  /** Scratch: the pixels of a window that reaches over the border; what the pixels under a window's columns and rows weigh. */
  private patch: Pixels
  /** What stands for 1: 255 for bytes, 1 for real numbers. */
  private white = 255
  private readonly columns: Weights
  private readonly rows: Weights

  /**
   * @throws RangeError on a side, a number of scales or channels that is no positive integer, a factor below 1 or that
   * makes a cell wider than 2^20 pixels, a background that is no byte.
   */
  constructor(shape: RetinaShape) {
    this.shape = { background: 0, ...shape }
    const { height, width, channels, glimpseSide, scales, scaleFactor, background } = this.shape
    for (const [name, value] of Object.entries({ height, width, channels, glimpseSide, scales }))
      if (!(Number.isInteger(value) && value > 0))
        throw new OptionError(`Retina: ${name} ${value} must be a positive integer`)
    if (!(scaleFactor >= 1 && scaleFactor < Infinity))
      throw new OptionError(`Retina: scaleFactor ${scaleFactor} must be a number of at least 1`)
    if (!(Number.isInteger(background) && background >= 0 && background <= 255))
      throw new OptionError(`Retina: background ${background} must be an integer in [0, 255]`)
    this.size = scales * glimpseSide * glimpseSide * channels
    this.cells = new Float64Array(scales).fill(1)
    for (let s = 1; s < scales; s++) this.cells[s] = this.cells[s - 1]! * scaleFactor
    const widest = this.cells[scales - 1]!
    if (widest > widestCell)
      throw new OptionError(
        `Retina: scaleFactor ${scaleFactor} at ${scales} scales makes cells ${widest} pixels wide; ${widestCell} at most`,
      )
    this.scales = Array.from(this.cells, (cell) => chooseLevel(cell, glimpseSide))
    this.levels = Array.from({ length: this.scales[scales - 1]!.level + 1 }, (_, level) => ({
      height: Math.ceil(height / 2 ** level),
      width: Math.ceil(width / 2 ** level),
      pixels: new Uint8Array(0) as Pixels,
      starts: [],
    }))
    this.patch = new Uint8Array(Math.max(...this.scales.map(({ reach }) => reach)) ** 2 * channels)
    this.columns = new Weights(glimpseSide)
    this.rows = new Weights(glimpseSide)
  }

  /**
   * Put images before the eye: [H, W, C] each, image n from `starts[n]` of `images`, bytes or real numbers in [0, 1]. They
   * are read again at every `look`, so they must not change in between; the levels that the scales need are built here.
   * @throws RangeError where an image does not lie within the array.
   */
  show(images: Pixels, starts: ArrayLike<number>): void {
    const { height, width, channels } = this.shape
    for (let n = 0; n < starts.length; n++)
      if (!(starts[n]! >= 0 && starts[n]! + height * width * channels <= images.length))
        throw new RangeError(
          `show: image ${n} of ${height}x${width}x${channels} at ${starts[n]} exceeds ${images.length} numbers`,
        )
    if (this.patch.constructor !== images.constructor) this.patch = emptyLike(images, this.patch.length)
    this.white = images instanceof Float32Array ? 1 : 255
    this.levels[0]!.pixels = images
    this.levels[0]!.starts = starts
    for (let l = 1; l < this.levels.length; l++) this.halve(this.levels[l - 1]!, this.levels[l]!)
  }

  /**
   * Look at images `scene` [B] (indices into `starts`) at `location` [B, 2] in [-1, 1], and write the glimpses,
   * float32 [B, S, G, G, C] in [0, 1], to `out`. Where `asleep[b]` is 1, episode b does not look and its part of `out`
   * stays. @throws RangeError where `out` is too short.
   */
  look(
    scene: ArrayLike<number>,
    location: ArrayLike<number>,
    out: Float32Array,
    offset = 0,
    asleep?: Uint8Array,
  ): void {
    if (out.length < offset + scene.length * this.size)
      throw new RangeError(
        `look: ${out.length} numbers at offset ${offset} do not hold ${scene.length} glimpses of ${this.size}`,
      )
    const { height, width } = this.shape
    const { scales } = this
    const scaleSize = this.size / scales.length
    let touched = 0
    for (let b = 0; b < scene.length; b++) {
      if (asleep?.[b]) continue
      const x = ((location[2 * b]! + 1) / 2) * width
      const y = ((location[2 * b + 1]! + 1) / 2) * height
      for (let s = 0; s < scales.length; s++) touched += this.touch(scales[s]!, scene[b]!, x, y)
      for (let s = 0; s < scales.length; s++)
        this.lookThrough(scales[s]!, scene[b]!, x, y, out, offset + b * this.size + s * scaleSize)
    }
    this.patch[0] = touched // or else the compiler might leave the touching out
  }

  /**
   * Read one pixel of each row of a window before there is anything to do with them, so that a large image's rows, each
   * far from the last, come from memory all at once. Returns their sum, which means nothing.
   */
  private touch({ level, pixel, cell, reach }: Scale, scene: number, x: number, y: number): number {
    const { channels, glimpseSide } = this.shape
    const { height, width, pixels, starts } = this.levels[level]!
    const column = Math.max(Math.floor(x / pixel - (glimpseSide * cell) / 2), 0)
    const row = Math.floor(y / pixel - (glimpseSide * cell) / 2)
    const rowStride = width * channels
    const start = starts[scene]! + column * channels
    const end = start + Math.min(row + reach, height) * rowStride
    let sum = 0
    for (let i = start + Math.max(row, 0) * rowStride; i < end; i += rowStride) sum += pixels[i]!
    return sum
  }

  /** One window about (x, y) in pixels of the image. */
  private lookThrough(
    { level, pixel, cell, reach }: Scale,
    scene: number,
    x: number,
    y: number,
    out: Float32Array,
    at: number,
  ): void {
    const { channels, glimpseSide } = this.shape
    const { height, width, pixels, starts } = this.levels[level]!
    const left = x / pixel - (glimpseSide * cell) / 2
    const top = y / pixel - (glimpseSide * cell) / 2
    const column = Math.floor(left)
    const row = Math.floor(top)
    const inside = column >= 0 && row >= 0 && column + reach <= width && row + reach <= height
    const from = inside ? pixels : this.cutPatch(this.levels[level]!, scene, column, row, reach)
    const rowStride = (inside ? width : reach) * channels
    const start = inside ? starts[scene]! + row * rowStride + column * channels : 0
    if (cell === 1) this.interpolate(from, start, rowStride, left - column, top - row, out, at)
    else this.average(from, start, rowStride, left - column, top - row, cell, out, at)
  }

  /**
   * Cells of one pixel: bilinear interpolation, two columns of cells at a time, walking down, so that most pixels are
   * read once.
   */
  private interpolate(
    pixels: Pixels,
    start: number,
    rowStride: number,
    right: number,
    down: number,
    out: Float32Array,
    at: number,
  ): void {
    const { channels, glimpseSide } = this.shape
    const keep = 1 - right
    const lower = down / this.white
    const upper = 1 / this.white - lower
    const outStride = glimpseSide * channels
    for (let c = 0; c < channels; c++) {
      for (let j = 0; j < glimpseSide; j += 2) {
        let from = start + j * channels + c
        let to = at + j * channels + c
        const second = j + 1 < glimpseSide ? channels : 0 // the last column of an odd side has no neighbour
        let middle = pixels[from + channels]!
        let above = keep * pixels[from]! + right * middle
        let aboveSecond = keep * middle + right * pixels[from + 2 * channels]!
        for (let i = 0; i < glimpseSide; i++) {
          from += rowStride
          middle = pixels[from + channels]!
          const below = keep * pixels[from]! + right * middle
          const belowSecond = keep * middle + right * pixels[from + 2 * channels]!
          out[to + second] = upper * aboveSecond + lower * belowSecond
          out[to] = upper * above + lower * below // after its neighbour, whose place it takes where there is none
          above = below
          aboveSecond = belowSecond
          to += outStride
        }
      }
    }
  }

  /** Cells of between one and two pixels, which touch at most 3x3 pixels each. */
  private average(
    pixels: Pixels,
    start: number,
    rowStride: number,
    right: number,
    down: number,
    cell: number,
    out: Float32Array,
    at: number,
  ): void {
    const { channels, glimpseSide } = this.shape
    const { columns, rows } = this
    columns.place(right, cell, 1)
    rows.place(down, cell, 1 / this.white)
    let to = at
    for (let i = 0; i < glimpseSide; i++) {
      const above = start + rows.first[i]! * rowStride
      for (let j = 0; j < glimpseSide; j++)
        for (let c = 0; c < channels; c++) {
          const from = above + columns.first[j]! * channels + c
          let sum = 0
          for (let k = 0; k < 3; k++) {
            const row = from + k * rowStride
            const strip =
              columns.weight[3 * j]! * pixels[row]! +
              columns.weight[3 * j + 1]! * pixels[row + channels]! +
              columns.weight[3 * j + 2]! * pixels[row + 2 * channels]!
            sum += rows.weight[3 * i + k]! * strip
          }
          out[to++] = Math.min(sum, 1) // the weights' rounding may pass 1 by a hair
        }
    }
  }

  /** The background as a pixel of what is shown. */
  private get background(): number {
    return (this.shape.background * this.white) / 255
  }

  /** The `reach` x `reach` pixels of a level from `column` and `row`, with the background where there is no image. */
  private cutPatch(level: Level, scene: number, column: number, row: number, reach: number): Pixels {
    const { channels } = this.shape
    const { height, width, pixels, starts } = level
    const { patch } = this
    const first = Math.max(0, -column) * channels
    const end = Math.min(reach, width - column) * channels
    patch.fill(this.background, 0, reach * reach * channels)
    for (let i = Math.max(0, -row); i < Math.min(reach, height - row); i++) {
      const from = starts[scene]! + ((row + i) * width + column) * channels
      const to = i * reach * channels
      for (let k = first; k < end; k++) patch[to + k] = pixels[from + k]!
    }
    return patch
  }

  /** Make a level from the one below it. Where that has an odd side, its last pixels are paired with the background. */
  private halve(below: Level, level: Level): void {
    const { channels } = this.shape
    const { background } = this
    const { pixels, starts } = below
    const whole = pixels instanceof Uint8Array
    const { height, width } = level
    const size = height * width * channels
    if (level.pixels.length < starts.length * size || level.pixels.constructor !== pixels.constructor)
      level.pixels = emptyLike(pixels, starts.length * size)
    if (level.starts.length !== starts.length) level.starts = Float64Array.from(starts, (_, n) => n * size)
    const wholeColumns = below.width >> 1
    const blank = emptyLike(pixels, below.width * channels).fill(background)
    for (let n = 0; n < starts.length; n++)
      for (let i = 0; i < height; i++) {
        const paired = 2 * i + 1 < below.height
        const upper = starts[n]! + 2 * i * below.width * channels
        const second = paired ? pixels : blank
        const lower = paired ? upper + below.width * channels : 0
        const to = level.starts[n]! + i * width * channels
        halveRow(pixels, upper, second, lower, wholeColumns, channels, level.pixels, to)
        if (wholeColumns === width) continue
        for (let c = (width - 1) * channels; c < width * channels; c++) {
          const k = c + wholeColumns * channels
          const sum = pixels[upper + k]! + second[lower + k]! + 2 * background
          level.pixels[to + c] = whole ? (sum + 2) >> 2 : sum / 4
        }
      }
  }
}

/** One scale of the eye. */
type Scale = {
  /** The level it looks at, the highest whose pixels are no wider than a cell. */
  readonly level: number
  /** The side of that level's pixels in pixels of the image. */
  readonly pixel: number
  /** In [1, 2): the side of a cell in pixels of that level. */
  readonly cell: number
  /** How many pixels of that level are read along one side of a window, at most. */
  readonly reach: number
}

function chooseLevel(side: number, glimpseSide: number): Scale {
  const level = Math.floor(Math.log2(side))
  const pixel = 2 ** level
  const cell = side / pixel
  const reach = cell === 1 ? glimpseSide + 1 + (glimpseSide % 2) : Math.ceil((glimpseSide - 1) * cell) + 3
  return { level, pixel, cell, reach }
}

/** The images at one size: [h, w, C] each, image n from `starts[n]` of `pixels`. */
type Level = {
  readonly height: number
  readonly width: number
  pixels: Pixels
  starts: ArrayLike<number>
}

/** Room for `length` pixels of the same kind. */
const emptyLike = (pixels: Pixels, length: number): Pixels =>
  pixels instanceof Float32Array ? new Float32Array(length) : new Uint8Array(length)

/** Means of 2x2 pixels: the first `count` of a row, from two rows of pixels. */
function halveRow(
  first: Pixels,
  upper: number,
  second: Pixels,
  lower: number,
  count: number,
  channels: number,
  out: Pixels,
  to: number,
): void {
  const whole = out instanceof Uint8Array
  for (let c = 0; c < channels; c++) {
    let a = upper + c
    let b = lower + c
    for (let k = to + c; k < to + count * channels; k += channels) {
      const sum = first[a]! + first[a + channels]! + second[b]! + second[b + channels]!
      out[k] = whole ? (sum + 2) >> 2 : sum / 4
      a += 2 * channels
      b += 2 * channels
    }
  }
}

/** What the pixels under a window's cells weigh, along one axis: cell i is the sum of three from `first[i]`. */
class Weights {
  /** int32 [G]. */
  readonly first: Int32Array
  /** float64 [G, 3]: how much of each pixel the cell covers, as a part of the cell. */
  readonly weight: Float64Array

  constructor(cells: number) {
    this.first = new Int32Array(cells)
    this.weight = new Float64Array(3 * cells)
  }

  /** Cells `cell` pixels wide, in [1, 2), from `begin` in [0, 1); the weights of each add up to `total`. */
  place(begin: number, cell: number, total: number): void {
    for (let i = 0; i < this.first.length; i++) {
      const first = Math.floor(begin + i * cell)
      const end = begin + (i + 1) * cell - first
      this.first[i] = first
      this.weight[3 * i] = (total * (first + 1 - (begin + i * cell))) / cell
      this.weight[3 * i + 1] = (total * Math.min(end - 1, 1)) / cell
      this.weight[3 * i + 2] = (total * Math.max(end - 2, 0)) / cell
    }
  }
}
