// PNG and JPEG files as plain pixels: 8 bits, grey or RGB. What is transparent is laid over black.

import { convertIndexedToRgb, type DecodedPng, decode as decodePng } from 'fast-png'
import { decode as decodeJpeg } from 'jpeg-js'

/** A decoded image. */
export type Pixels = {
  /** uint8 [H, W, C]. */
  readonly pixels: Uint8Array
  readonly height: number
  readonly width: number
  /** 1 where every pixel is grey, whatever the file says; else 3. */
  readonly channels: 1 | 3
}

/** Decode a file's bytes, told by their first ones and not by the file's name. @throws Error saying what is wrong with them. */
export function decodeImage(bytes: Uint8Array): Pixels {
  if (bytes[0] === 0x89 && bytes[1] === 0x50) return decodePngImage(bytes)
  if (bytes[0] === 0xff && bytes[1] === 0xd8) return decodeJpegImage(bytes)
  throw new Error(bytes.length === 0 ? 'the file is empty' : 'neither PNG nor JPEG')
}

function decodeJpegImage(bytes: Uint8Array): Pixels {
  const { data, height, width } = decodeJpeg(bytes, {
    useTArray: true,
    formatAsRGBA: false,
    tolerantDecoding: false,
    maxMemoryUsageInMB: 2048,
  })
  return reduce(data, height, width, 3, 255)
}

function decodePngImage(bytes: Uint8Array): Pixels {
  const image = decodePng(bytes, { checkCrc: true })
  const { height, width, palette, depth } = image
  if (palette) return reduce(convertIndexedToRgb(image), height, width, palette[0]?.length ?? 3, 255)
  if (depth < 8) return reduce(unpackBits(image), height, width, 1, 2 ** depth - 1)
  return reduce(image.data, height, width, image.channels, 2 ** depth - 1)
}

/** One number per pixel from rows of 1, 2 or 4 bits a pixel, each row padded to whole bytes. */
function unpackBits({ data, height, width, depth }: DecodedPng): Uint8Array {
  const rowBytes = Math.ceil((width * depth) / 8)
  return Uint8Array.from({ length: height * width }, (_, i) => {
    const bit = (i % width) * depth
    const byte = data[Math.floor(i / width) * rowBytes + (bit >> 3)]!
    return (byte >> (8 - depth - (bit & 7))) & (2 ** depth - 1)
  })
}

/** Grey, grey + alpha, RGB or RGB + alpha in 0 ... `white`, as grey or RGB bytes. */
function reduce(data: ArrayLike<number>, height: number, width: number, channels: number, white: number): Pixels {
  const colours = channels < 3 ? 1 : 3
  const hasAlpha = channels === 2 || channels === 4
  const count = height * width
  const pixels = new Uint8Array(count * colours)
  for (let i = 0; i < count; i++) {
    const opacity = hasAlpha ? data[i * channels + colours]! / white : 1
    for (let c = 0; c < colours; c++)
      pixels[i * colours + c] = Math.round((data[i * channels + c]! * opacity * 255) / white)
  }
  if (colours === 1 || !isGrey(pixels)) return { pixels, height, width, channels: colours }
  return { pixels: Uint8Array.from({ length: count }, (_, i) => pixels[3 * i]!), height, width, channels: 1 }
}

function isGrey(rgb: Uint8Array): boolean {
  for (let i = 0; i < rgb.length; i += 3) if (rgb[i] !== rgb[i + 1] || rgb[i] !== rgb[i + 2]) return false
  return true
}

/** The image at side x side: every new pixel is the area average of those it covers. The shape is not kept. */
export function resizeByArea(image: Pixels, side: number): Pixels {
  const { height, width, channels } = image
  if (height === side && width === side) return image
  const rows = new Float64Array(side * width * channels) // as wide as before, as high as after
  averageRuns(image.pixels, 1, height, width * channels, side, rows)
  const cells = new Float64Array(side * side * channels)
  averageRuns(rows, side, width, channels, side, cells)
  return { pixels: Uint8Array.from(cells, Math.round), height: side, width: side, channels }
}

/** `from` [blocks, length, stride] averaged along its middle axis into `to` [blocks, side, stride]. */
function averageRuns(
  from: ArrayLike<number>,
  blocks: number,
  length: number,
  stride: number,
  side: number,
  to: Float64Array,
): void {
  for (let block = 0; block < blocks; block++)
    for (let cell = 0; cell < side; cell++) {
      const begin = (cell * length) / side
      const end = ((cell + 1) * length) / side
      for (let i = Math.floor(begin); i < end; i++) {
        const part = (Math.min(i + 1, end) - Math.max(i, begin)) / (end - begin)
        for (let k = 0; k < stride; k++)
          to[(block * side + cell) * stride + k]! += part * from[(block * length + i) * stride + k]!
      }
    }
}
