// One image file as RGB bytes, as a viewer shows it: upright, its colours those of sRGB, what is transparent laid over a
// background. libvips decodes (through sharp, which is loaded when it is first needed), but for BMP, which it does not know;
// what it would get wrong is refused.

import type { Metadata, Sharp, SharpOptions } from 'sharp'
import { UserError } from '../core/errors.ts'
import { type BmpHeader, decodeBmp, isBmp, readBmpHeader } from './bmp.ts'
import { checkGifData, checkPngChunks } from './image-checks.ts'

/** Width and height in pixels, as shown. */
export type Size = { readonly width: number; readonly height: number }

/** How an image of another shape is brought to a size: kept whole on the background, cut to fill it, or stretched. */
export type Fit = 'pad' | 'crop' | 'stretch'

/** What an image is brought to, and the byte that is seen through it and beside it. */
export type Target = { readonly size?: Size; readonly fit: Fit; readonly background: number }

/** What a file's header says of its image. */
export type Header = Size & {
  /** Whether the file can hold nothing but grey. */
  readonly grey: boolean
}

/** A decoded image: uint8 [H, W, 3]. */
export type Pixels = Size & { readonly pixels: Uint8Array }

/** An image with more pixels is refused, from its header alone. */
export const maxPixels = 50_000_000

/** Pixels that a byte of a TIFF can hold: of one bit each, packed by deflate as tightly as it goes. */
const tightest = 8 * 1032

/** A file that takes longer is refused. */
const maxSeconds = 20

const options: SharpOptions = { limitInputPixels: maxPixels, failOn: 'warning', pages: 1, sequentialRead: true }

const formats = ['png', 'jpeg', 'webp', 'gif', 'tiff', 'heif']

/** In the words of people: the formats that are read. */
export const formatNames = 'PNG, JPEG, WebP, GIF, BMP, TIFF and AVIF'

const resizing = { pad: 'contain', crop: 'cover', stretch: 'fill' } as const

type Module = typeof import('sharp').default
let library: Promise<Module> | undefined

/** sharp, with its caches off: no image is read twice. @throws UserError where it cannot be loaded, with what to do. */
function loadSharp(): Promise<Module> {
  library ??= import('sharp').then(
    ({ default: sharp }) => {
      sharp.cache(false)
      sharp.concurrency(1)
      return sharp
    },
    (error: Error) => {
      const reason = error.message.trim().split('\n')[0]
      throw new UserError(
        `images are read by the package sharp, which cannot be loaded (${reason}); run npm install sharp@0.35.5, or, where it has no binary for this machine, npm install --cpu=wasm32 sharp@0.35.5`,
      )
    },
  )
  return library
}

/** What a file's header says of its image, upright. @throws Error saying why it cannot be used. */
export async function readHeader(bytes: Uint8Array): Promise<Header> {
  if (isBmp(bytes)) {
    const { width, height, grey } = checkBmp(bytes)
    return { width, height, grey }
  }
  const { autoOrient, space } = await checkHeader(bytes, await loadSharp())
  return { ...autoOrient, grey: space === 'b-w' || space === 'grey16' }
}

/** A file's image, brought to a size where one is given. @throws Error saying what is wrong with it. */
export async function decodeImage(bytes: Uint8Array, { size, fit, background }: Target): Promise<Pixels> {
  const sharp = await loadSharp()
  const colour = { r: background, g: background, b: background }
  const laid = (image: Sharp, { width, height }: Size): Sharp => {
    const flat = image.timeout({ seconds: maxSeconds }).autoOrient().flatten({ background: colour })
    const fits = !size || (size.width === width && size.height === height)
    return fits ? flat : flat.resize({ ...size, fit: resizing[fit], background: colour })
  }
  if (isBmp(bytes)) {
    const { pixels, ...raw } = decodeBmp(bytes, checkBmp(bytes))
    return bytesOf(laid(sharp(pixels, { raw }), raw).toColourspace('srgb'))
  }
  const header = await checkHeader(bytes, sharp)
  if (header.format === 'png') checkPngChunks(bytes)
  if (header.format === 'gif') checkGifData(bytes)
  const image = laid(sharp(bytes, options), header.autoOrient)
  // without a profile the four inks are mixed as browsers and libjpeg's users do
  if (header.space === 'cmyk' && !header.hasProfile) return mixInks(await bytesOf(inkOnly(image)))
  return bytesOf(image.toColourspace('srgb'))
}

/** What a BMP's header says. @throws Error saying why it cannot be used. */
function checkBmp(bytes: Uint8Array): BmpHeader {
  const header = readBmpHeader(bytes)
  checkPixels(header.width, header.height)
  return header
}

const inkOnly = (image: Sharp): Sharp => image.pipelineColourspace('cmyk').toColourspace('cmyk')

/** Everything that can be refused before a pixel is decoded. */
async function checkHeader(bytes: Uint8Array, sharp: Module): Promise<Metadata> {
  checkFormat(bytes)
  const header = await sharp(bytes, { ...options, limitInputPixels: false })
    .metadata()
    .catch(inWords)
  if (!formats.includes(header.format)) throw new Error(`${header.format} is not read; convert it to PNG`)
  const { width, height } = header.autoOrient
  checkPixels(width, height)
  // libvips takes memory for a TIFF's pixels before it looks whether there are any
  if (header.format === 'tiff' && width * height > tightest * bytes.length)
    throw new Error(`broken: ${bytes.length} bytes cannot hold ${width}x${height} pixels`)
  if (header.depth !== 'uchar' && header.depth !== 'ushort')
    throw new Error(`its pixels are of type ${header.depth}; only whole numbers of 8 or 16 bits are read`)
  return header
}

/** @throws Error on what is plain from the first bytes. */
function checkFormat(bytes: Uint8Array): void {
  if (bytes.length === 0) throw new Error('the file is empty')
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 32)).toString('latin1')
  if (/^....ftyp(hei|hev|mif1|msf1)/s.test(text) && !text.includes('avif'))
    throw new Error('HEIC is not read; convert it to PNG')
  // libvips calls these corrupt, without their size
  if (text.startsWith('\x89PNG') && bytes.length >= 24) {
    const header = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    checkPixels(header.getUint32(16), header.getUint32(20))
  }
}

function checkPixels(width: number, height: number): void {
  if (width === 0 || height === 0) throw new Error(`${width}x${height} pixels: a side of 0`)
  if (width * height > maxPixels)
    throw new Error(
      `${width}x${height} pixels are more than the limit of ${maxPixels / 1e6} million; make it smaller first`,
    )
}

async function bytesOf(image: Sharp): Promise<Pixels> {
  const { data, info } = await image.raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true }).catch(inWords)
  const { width, height, channels } = info
  return { pixels: channels === 1 ? spread(data) : data, width, height }
}

/** Grey bytes, each three times. */
function spread(grey: Uint8Array): Uint8Array {
  const pixels = new Uint8Array(3 * grey.length)
  for (let i = 0; i < pixels.length; i++) pixels[i] = grey[Math.floor(i / 3)]!
  return pixels
}

/** Cyan, magenta, yellow and black as red, green and blue: what an ink and the black leave of white. */
function mixInks({ pixels: inks, width, height }: Pixels): Pixels {
  const pixels = new Uint8Array(3 * width * height)
  for (let i = 0; i < width * height; i++)
    for (let c = 0; c < 3; c++)
      pixels[3 * i + c] = Math.round(((255 - inks[4 * i + c]!) * (255 - inks[4 * i + 3]!)) / 255)
  return { pixels, width, height }
}

/** Whether red, green and blue are the same everywhere. */
export function isGrey(rgb: Uint8Array): boolean {
  for (let i = 0; i < rgb.length; i += 3) if (rgb[i] !== rgb[i + 1] || rgb[i] !== rgb[i + 2]) return false
  return true
}

/** Luma (ITU-R 601-2), as Pillow's and OpenCV's grey. */
export function toGrey(rgb: Uint8Array): Uint8Array {
  const grey = new Uint8Array(rgb.length / 3)
  for (let i = 0; i < grey.length; i++)
    grey[i] = Math.round(0.299 * rgb[3 * i]! + 0.587 * rgb[3 * i + 1]! + 0.114 * rgb[3 * i + 2]!)
  return grey
}

/** What libvips says, on one line. */
function inWords(error: unknown): never {
  const lines = (error as Error).message.split('\n').map((line) => line.trim())
  const [first = ''] = lines.filter((line) => line !== '')
  // which of the two it says of one and the same file is a matter of chance
  if (/^Warning treated as error|read error/.test(first)) throw new Error('broken: its data are damaged or end early')
  if (/unsupported image format/.test(first)) throw new Error(`not an image that is read: ${formatNames} are`)
  throw new Error(
    first
      .replace(/^Input buffer has corrupt header:?/, 'broken: a corrupt header')
      .replace(/^(Vips|vips)\w*: /, 'broken: '),
  )
}
