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
  /** Scratch: the pixels of a window that reaches over the border; where the cells' edges are; sums where they cross. */
  private readonly patch: Uint8Array
  private readonly patchSide: number
  private readonly columns: Edges
  private readonly rows: Edges
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
    this.patchSide = glimpseSide + 1 + (glimpseSide % 2)
    this.patch = new Uint8Array(this.patchSide ** 2 * channels)
    this.columns = new Edges(glimpseSide + 1)
    this.rows = new Edges(glimpseSide + 1)
    this.sums = new Float64Array((glimpseSide + 1) ** 2)
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

  /**
   * Cells of one pixel: bilinear interpolation, two columns of cells at a time, walking down, so that most pixels are
   * read once and the reads of a large image's far-apart rows overlap.
   */
  private interpolatePixels(scene: number, x: number, y: number, out: Float32Array, at: number): void {
    const { height, width, channels, glimpseSide } = this.shape
    const { patchSide } = this
    const left = Math.floor(x - glimpseSide / 2)
    const top = Math.floor(y - glimpseSide / 2)
    const right = x - glimpseSide / 2 - left
    const down = (y - glimpseSide / 2 - top) / 255
    const inside = left >= 0 && top >= 0 && left + patchSide <= width && top + patchSide <= height
    const pixels = inside ? this.images : this.cutPatch(scene, left, top)
    const rowStride = (inside ? width : patchSide) * channels
    const start = inside ? this.starts[scene]! + top * rowStride + left * channels : 0
    const keep = 1 - right
    const up = 1 / 255 - down
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
          out[to + second] = up * aboveSecond + down * belowSecond
          out[to] = up * above + down * below // after its neighbour, whose place it takes where there is none
          above = below
          aboveSecond = belowSecond
          to += outStride
        }
      }
    }
  }

  /** The pixels from column `left` and row `top`, as many as a window touches, with the background where there is no image. */
  private cutPatch(scene: number, left: number, top: number): Uint8Array {
    const { height, width, channels, background } = this.shape
    const { images, patch, patchSide } = this
    const start = this.starts[scene]!
    const first = Math.max(0, -left) * channels
    const end = Math.min(patchSide, width - left) * channels
    patch.fill(background)
    for (let i = Math.max(0, -top); i < Math.min(patchSide, height - top); i++) {
      const from = start + ((top + i) * width + left) * channels
      const to = i * patchSide * channels
      for (let k = first; k < end; k++) patch[to + k] = images[from + k]!
    }
    return patch
  }

  /** Cells of `cell` pixels a side: the table, interpolated at the corners of those cells that touch the image, and its differences. */
  private averageCells(scene: number, x: number, y: number, cell: number, out: Float32Array, at: number): void {
    const { height, width, channels, glimpseSide, background } = this.shape
    const { columns, rows, sums } = this
    const rowStride = (width + 1) * channels
    columns.place(x - (glimpseSide * cell) / 2, cell, width, channels)
    rows.place(y - (glimpseSide * cell) / 2, cell, height, rowStride)
    const base = background / 255
    const scale = 1 / (255 * cell * cell)
    const across = columns.count - 1
    const down = rows.count - 1
    const outStride = glimpseSide * channels
    out.fill(base, at, at + glimpseSide * outStride)
    for (let c = 0; c < channels; c++) {
      this.sumCorners(scene * (height + 1) * rowStride + c)
      for (let j = 0; j < across; j++) {
        let to = at + rows.first * outStride + (columns.first + j) * channels + c
        let left = j * (down + 1)
        let right = left + down + 1
        let before = sums[right]! - sums[left]!
        for (let i = 0; i < down; i++) {
          const strip = sums[++right]! - sums[++left]! // the column's pixels from the image's top to this edge
          const average = base + scale * (strip - before)
          out[to] = average >= 0 ? average : 0 // rounding may leave [0, 1] by a hair, which float32 hides at 1
          before = strip
          to += outStride
        }
      }
    }
  }

  /** The table whose first number is at `start`, bilinearly interpolated where the edges cross, walking down its columns. */
  private sumCorners(start: number): void {
    const { tables, sums } = this
    const { width, channels } = this.shape
    const { pixel: column, fraction: across, count: columnCount } = this.columns
    const { pixel: row, fraction: downward, count: rowCount } = this.rows
    const rowStride = (width + 1) * channels
    let corner = 0
    for (let j = 0; j < columnCount; j++) {
      const top = start + column[j]!
      const right = across[j]!
      for (let i = 0; i < rowCount; i++) {
        const upper = top + row[i]!
        const lower = upper + rowStride
        const down = downward[i]!
        const above = tables[upper]! + right * (tables[upper + channels]! - tables[upper]!)
        const below = tables[lower]! + right * (tables[lower + channels]! - tables[lower]!)
        sums[corner++] = above + down * (below - above)
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

/** Where the edges between a window's cells lie along one axis of an image, clipped to the image. */
class Edges {
  /** int32 [count]: the offset of the pixel that an edge cuts, in units of `stride`. */
  readonly pixel: Int32Array
  /** float64 [count] in [0, 1]: which part of that pixel lies before the edge. */
  readonly fraction: Float64Array
  /** The first edge of the first cell that touches the image, and how many edges there are from it to the last such cell's. */
  first = 0
  count = 0

  constructor(edges: number) {
    this.pixel = new Int32Array(edges)
    this.fraction = new Float64Array(edges)
  }

  /** Edges `cell` pixels apart from `begin`, along `length` pixels of `stride` numbers each. */
  place(begin: number, cell: number, length: number, stride: number): void {
    const lastEdge = this.pixel.length - 1
    this.first = Math.min(Math.max(Math.floor(-begin / cell), 0), lastEdge)
    this.count = Math.min(Math.max(Math.ceil((length - begin) / cell), this.first), lastEdge) - this.first + 1
    for (let i = 0; i < this.count; i++) {
      const edge = Math.min(Math.max(begin + (this.first + i) * cell, 0), length)
      const pixel = Math.min(Math.floor(edge), length - 1)
      this.pixel[i] = pixel * stride
      this.fraction[i] = edge - pixel
    }
  }
}

/** Whether the sum of this many bytes is always a 32-bit integer. */
const fitsInt32 = (pixels: number): boolean => pixels * 255 < 2 ** 31
