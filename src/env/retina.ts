// The eye: foveated windows at several scales, cut from a batch of images at real-valued places. Every cell is the
// exact area average of the pixels under it. A cell of one pixel is plain bilinear interpolation of the bytes; a larger
// one is four bilinear reads of a summed-area table, whatever its size. Nothing here knows of tasks or episodes.

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

/** Foveated multi-scale glimpses of a batch of images at a batch of locations (Mnih et al. 2014, section 3.1). */
export class Retina {
  /** S * G * G * C: how many numbers one glimpse has. */
  readonly size: number
  /** float64 [S]: the side of a cell in pixels, by scale. */
  readonly cells: Float64Array

  private readonly shape: Required<RetinaShape>
  private images: Uint8Array = new Uint8Array(0)
  private starts: ArrayLike<number> = []
  /** One summed-area table [H + 1, W + 1, C] per image, of pixels less the background; empty where no scale needs it. */
  private tables: Int32Array | Float64Array
  /** Scratch: a window that reaches over the border, edges' pixel indices and fractions, one row of interpolated sums. */
  private readonly patch: Uint8Array
  private readonly column: Int32Array
  private readonly across: Float64Array
  private readonly sums: Float64Array

  /** @throws RangeError on a side, a number of scales or channels that is no positive integer, a factor below 1, a background that is no byte. */
  constructor(shape: RetinaShape) {
    this.shape = { background: 0, ...shape }
    const { height, width, channels, glimpseSide, scales, scaleFactor, background } = this.shape
    for (const [name, value] of Object.entries({ height, width, channels, glimpseSide, scales }))
      if (!(Number.isInteger(value) && value > 0))
        throw new RangeError(`Retina: ${name} ${value} must be a positive integer`)
    if (!(scaleFactor >= 1 && scaleFactor < Infinity))
      throw new RangeError(`Retina: scaleFactor ${scaleFactor} must be a number of at least 1`)
    if (!(Number.isInteger(background) && background >= 0 && background <= 255))
      throw new RangeError(`Retina: background ${background} must be an integer in [0, 255]`)
    this.size = scales * glimpseSide * glimpseSide * channels
    this.cells = new Float64Array(scales).fill(1)
    for (let s = 1; s < scales; s++) this.cells[s] = this.cells[s - 1]! * scaleFactor
    this.tables = new (fitsInt32(height * width) ? Int32Array : Float64Array)(0)
    this.patch = new Uint8Array((glimpseSide + 1) ** 2 * channels)
    this.column = new Int32Array(glimpseSide + 1)
    this.across = new Float64Array(glimpseSide + 1)
    this.sums = new Float64Array(glimpseSide + 1)
  }

  /**
   * Put images before the eye: uint8 [H, W, C] each, image n at byte `starts[n]` of `images`. They are read again at
   * every `look`, so they must not change in between; where a scale needs summed-area tables, they are built here.
   * @throws RangeError where an image does not lie within the bytes.
   */
  show(images: Uint8Array, starts: ArrayLike<number>): void {
    const { height, width, channels } = this.shape
    for (let n = 0; n < starts.length; n++)
      if (!(starts[n]! >= 0 && starts[n]! + height * width * channels <= images.length))
        throw new RangeError(
          `show: image ${n} of ${height}x${width}x${channels} at byte ${starts[n]} exceeds ${images.length} bytes`,
        )
    this.images = images
    this.starts = starts
    if (this.cells.some((cell) => cell !== 1)) this.buildTables()
  }

  /**
   * Look at images `scene` [B] (indices into `starts`) at `location` float32 [B, 2] in [-1, 1], and write the glimpses,
   * float32 [B, S, G, G, C] in [0, 1], to `out`. Where `asleep[b]` is 1, episode b does not look and its part of `out`
   * stays. @throws RangeError where `out` is too short.
   */
  look(scene: ArrayLike<number>, location: Float32Array, out: Float32Array, offset = 0, asleep?: Uint8Array): void {
    if (out.length < offset + scene.length * this.size)
      throw new RangeError(
        `look: ${out.length} numbers at offset ${offset} do not hold ${scene.length} glimpses of ${this.size}`,
      )
    const { height, width, scales } = this.shape
    const scaleSize = this.size / scales
    for (let b = 0; b < scene.length; b++) {
      if (asleep?.[b]) continue
      const x = ((location[2 * b]! + 1) / 2) * width
      const y = ((location[2 * b + 1]! + 1) / 2) * height
      for (let s = 0; s < scales; s++) {
        const cell = this.cells[s]!
        const at = offset + b * this.size + s * scaleSize
        if (cell === 1) this.interpolatePixels(scene[b]!, x, y, out, at)
        else this.averageCells(scene[b]!, x, y, cell, out, at)
      }
    }
  }

  /** Cells of one pixel: bilinear interpolation, the window's columns from left to right, each pixel read once a row. */
  private interpolatePixels(scene: number, x: number, y: number, out: Float32Array, at: number): void {
    const { height, width, channels, glimpseSide } = this.shape
    const left = Math.floor(x - glimpseSide / 2)
    const top = Math.floor(y - glimpseSide / 2)
    const right = (x - glimpseSide / 2 - left) / 255
    const down = y - glimpseSide / 2 - top
    const inside = left >= 0 && top >= 0 && left + glimpseSide < width && top + glimpseSide < height
    const pixels = inside ? this.images : this.cutPatch(scene, left, top)
    const rowStride = (inside ? width : glimpseSide + 1) * channels
    const start = inside ? this.starts[scene]! + top * rowStride + left * channels : 0
    const stay = 1 / 255 - right
    const up = 1 - down
    for (let c = 0; c < channels; c++) {
      for (let i = 0; i < glimpseSide; i++) {
        let upper = start + i * rowStride + c
        let lower = upper + rowStride
        let to = at + i * glimpseSide * channels + c
        let before = up * pixels[upper]! + down * pixels[lower]!
        for (let j = 0; j < glimpseSide; j++) {
          upper += channels
          lower += channels
          const here = up * pixels[upper]! + down * pixels[lower]!
          out[to] = stay * before + right * here
          before = here
          to += channels
        }
      }
    }
  }

  /** The (G + 1) x (G + 1) pixels from column `left` and row `top`, with the background where there is no image. */
  private cutPatch(scene: number, left: number, top: number): Uint8Array {
    const { height, width, channels, glimpseSide, background } = this.shape
    const { images, patch } = this
    const start = this.starts[scene]!
    const firstColumn = Math.max(0, -left)
    const endColumn = Math.min(glimpseSide + 1, width - left)
    patch.fill(background)
    for (let i = Math.max(0, -top); i < Math.min(glimpseSide + 1, height - top); i++) {
      const from = start + ((top + i) * width + left) * channels
      const to = i * (glimpseSide + 1) * channels
      for (let k = firstColumn * channels; k < endColumn * channels; k++) patch[to + k] = images[from + k]!
    }
    return patch
  }

  /** Cells of `cell` pixels a side: differences of the table, interpolated at the cells' corners. */
  private averageCells(scene: number, x: number, y: number, cell: number, out: Float32Array, at: number): void {
    const { height, width, channels, glimpseSide, background } = this.shape
    const { tables, column, across, sums } = this
    const left = x - (glimpseSide * cell) / 2
    const top = y - (glimpseSide * cell) / 2
    const scale = 1 / (255 * cell * cell)
    const base = background / 255
    const rowStride = (width + 1) * channels
    const start = scene * (height + 1) * rowStride
    for (let j = 0; j <= glimpseSide; j++) {
      const edge = Math.min(Math.max(left + j * cell, 0), width)
      const pixel = Math.min(Math.floor(edge), width - 1)
      column[j] = pixel * channels
      across[j] = edge - pixel
    }
    for (let c = 0; c < channels; c++) {
      for (let i = 0; i <= glimpseSide; i++) {
        const edge = Math.min(Math.max(top + i * cell, 0), height)
        const pixel = Math.min(Math.floor(edge), height - 1)
        const down = edge - pixel
        const upper = start + pixel * rowStride + c
        const lower = upper + rowStride
        let to = at + (i - 1) * glimpseSide * channels + c
        let before = 0
        for (let j = 0; j <= glimpseSide; j++) {
          const k = column[j]!
          const above = tables[upper + k]! + across[j]! * (tables[upper + k + channels]! - tables[upper + k]!)
          const below = tables[lower + k]! + across[j]! * (tables[lower + k + channels]! - tables[lower + k]!)
          const sum = above + down * (below - above)
          const strip = sum - sums[j]! // all columns up to this edge, between the last row of edges and this one
          sums[j] = sum
          if (i > 0 && j > 0) {
            const average = base + scale * (strip - before)
            out[to] = Math.min(Math.max(average, 0), 1) // rounding may leave [0, 1] by a hair
            to += channels
          }
          before = strip
        }
      }
    }
  }

  /** Sums over all pixels above and to the left, less the background; exact, in integers that the type holds. */
  private buildTables(): void {
    const { height, width, channels, background } = this.shape
    const { images, starts } = this
    const rowStride = (width + 1) * channels
    const tableSize = (height + 1) * rowStride
    if (this.tables.length < starts.length * tableSize)
      this.tables = new (fitsInt32(height * width) ? Int32Array : Float64Array)(starts.length * tableSize)
    const { tables } = this // the first row and column of each stay 0
    for (let n = 0; n < starts.length; n++) {
      for (let c = 0; c < channels; c++) {
        let from = starts[n]! + c
        for (let row = 0; row < height; row++) {
          let to = n * tableSize + (row + 1) * rowStride + c
          let sum = 0
          for (let i = 0; i < width; i++) {
            sum += images[from]! - background
            from += channels
            to += channels
            tables[to] = tables[to - rowStride]! + sum
          }
        }
      }
    }
  }
}

/** Whether the sum of this many bytes is always a 32-bit integer. */
const fitsInt32 = (pixels: number): boolean => pixels * 255 < 2 ** 31
