// A folder of images of one's own: one folder per class, PNG or JPEG, all of one size unless they are resized.
// Where the folder has `train` and `test` within, each with one folder per class, the test images are those of `test`.

import { type Dirent, readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { UserError } from '../core/errors.ts'
import { type Dataset, sharedBytes } from './dataset.ts'
import { decodeImage, type Pixels, resizeByArea } from './decode-image.ts'

export type ImageFolderOptions = {
  /** 1: grey; 3: RGB, where grey images are spread over the three. */
  readonly channels: number
  /** Pixels along one side after resizing by area averaging; 0 keeps the images as they are. */
  readonly side: number
  /** Leave out files that cannot be used, and say how many, instead of failing at the first. */
  readonly skipBroken: boolean
}

/** One image file and its class. */
type Labelled = { readonly path: string; readonly label: number }

/**
 * Load a folder of images; the classes are its folders' names, sorted.
 * @throws UserError where there is no such folder, no class or an empty one, and, unless `skipBroken`, at a file that
 * cannot be decoded, or whose size or colour does not fit, naming it.
 */
export function loadImageFolder(folder: string, options: ImageFolderOptions): Dataset {
  if (!folder) throw new UserError('Images: set the option data to a directory with one folder of images per class')
  const inside = list(folder).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []))
  const isCut = inside.includes('train') && inside.includes('test')
  const classNames = (isCut ? listFolders(join(folder, 'train')) : inside).sort()
  if (classNames.length < 2)
    throw new UserError(
      `Images: ${folder} has ${classNames.length} class folders (${classNames}); at least 2 are needed`,
    )
  if (classNames.length > 256)
    throw new UserError(`Images: ${folder} has ${classNames.length} class folders; at most 256 are allowed`)
  if (isCut) checkTestClasses(folder, classNames)
  const parts = (isCut ? ['train', 'test'] : ['']).map((part) => listImages(join(folder, part), classNames))
  const { used, broken, ...images } = readImages(parts.flat(), options)
  checkClasses(folder, classNames, used)
  if (broken.length > 0)
    console.warn(
      `Images: left out ${broken.length} of ${used.length + broken.length} files in ${folder}: ${sample(broken)}`,
    )
  const firstTest = isCut ? used.findIndex(({ path }) => path.startsWith(join(folder, 'test', '/'))) : used.length
  if (firstTest < 0) throw new UserError(`Images: ${join(folder, 'test')} has no usable images`)
  const labels = sharedBytes(used.length)
  labels.set(used.map(({ label }) => label))
  return { name: basename(folder), ...images, labels, classNames, testFrom: firstTest }
}

const sample = (broken: readonly string[]): string =>
  broken.slice(0, 3).join('; ') + (broken.length > 3 ? `; and ${broken.length - 3} more` : '')

function list(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true }).filter(({ name }) => !name.startsWith('.'))
  } catch (error) {
    throw new UserError(`Images: cannot read directory ${folder}: ${(error as NodeJS.ErrnoException).code}`)
  }
}

const listFolders = (folder: string): string[] =>
  list(folder).flatMap((entry) => (entry.isDirectory() ? [entry.name] : []))

function checkTestClasses(folder: string, classNames: readonly string[]): void {
  const stranger = listFolders(join(folder, 'test')).find((name) => !classNames.includes(name))
  if (stranger)
    throw new UserError(
      `Images: ${join(folder, 'test', stranger)} has no counterpart in ${join(folder, 'train')}; the classes must agree`,
    )
}

/** Every image file, class by class, each class in the order of the names. */
function listImages(folder: string, classNames: readonly string[]): Labelled[] {
  const present = listFolders(folder)
  return classNames.flatMap((name, label) => {
    const entries = present.includes(name) ? list(join(folder, name)) : []
    const files = entries.map((entry) => entry.name).filter((file) => /\.(png|jpe?g)$/i.test(file))
    return files.sort().map((file) => ({ path: join(folder, name, file), label }))
  })
}

function checkClasses(folder: string, classNames: readonly string[], used: readonly Labelled[]): void {
  const seen = new Set(used.map(({ label }) => label))
  const empty = classNames.filter((_, label) => !seen.has(label))
  if (empty.length > 0)
    throw new UserError(
      `Images: class ${empty.join(', ')} in ${folder} has no usable PNG or JPEG file; add some, or remove the folder`,
    )
}

/** Decode the files into one run of bytes. */
function readImages(files: readonly Labelled[], options: ImageFolderOptions) {
  const used: Labelled[] = []
  const broken: string[] = []
  let images: Uint8Array = new Uint8Array(0)
  let first: (Pixels & { readonly path: string }) | undefined
  for (const file of files) {
    try {
      const image = readImage(file.path, options)
      if (first && (image.height !== first.height || image.width !== first.width))
        throw new Error(
          `${image.height}x${image.width} pixels, but ${first.path} has ${first.height}x${first.width}; all must have one size: set the option side to resize them`,
        )
      first ??= { ...image, path: file.path }
      if (images.length === 0) images = sharedBytes(files.length * image.pixels.length)
      images.set(image.pixels, used.length * image.pixels.length)
      used.push(file)
    } catch (error) {
      const complaint = `${file.path}: ${(error as Error).message}`
      if (!options.skipBroken) throw new UserError(`${complaint}; or leave such files out with the option skipBroken`)
      broken.push(complaint)
    }
  }
  const { height = 1, width = 1 } = first ?? {}
  const { channels } = options
  return { used, broken, images: images.subarray(0, used.length * height * width * channels), height, width, channels }
}

function readImage(path: string, { channels, side }: ImageFolderOptions): Pixels {
  const decoded = decodeImage(readFileSync(path))
  if (channels === 1 && decoded.channels === 3)
    throw new Error('a colour image where grey is expected; set the option channels to 3')
  const image = side > 0 ? resizeByArea(decoded, side) : decoded
  if (image.channels === channels) return image
  const { pixels, height, width } = image
  return {
    pixels: Uint8Array.from({ length: 3 * pixels.length }, (_, i) => pixels[Math.floor(i / 3)]!),
    height,
    width,
    channels: 3,
  }
}
