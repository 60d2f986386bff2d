// Many image files as one run of bytes of one size. They are decoded in a process of its own, for sharp answers by
// promises and an environment is made without one; whatever that process does to itself, this one goes on. Images that are
// too many for memory stay in the file that it wrote.

import { constants } from 'node:buffer'
import { spawnSync } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, rmSync, statfsSync } from 'node:fs'
import { tmpdir, totalmem } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { UserError } from '../core/errors.ts'
import { type PixelFile, sharedBytes } from './dataset.ts'
import type { Fit, Size } from './decode-image.ts'
import { readPixels } from './pixel-file.ts'

/** How images are brought to one form. */
export type ReadOptions = {
  /** 0: grey where every image is grey, else RGB; 1: grey; 3: RGB. */
  readonly channels: number
  /** Pixels along each side; 0 for a size that is chosen by the images'. */
  readonly side: number
  readonly fit: Fit
  /** The byte seen through what is transparent and beside an image. */
  readonly background: number
}

/** What the process is asked. */
export type ReadRequest = ReadOptions & {
  readonly files: readonly string[]
  /** Where the file is that pixels are written to, and how many bytes it may have: more are refused before anything is decoded. */
  readonly folder: string
  readonly room: number
}

/** What it answers. */
export type ReadAnswer =
  | { readonly error: string }
  | {
      /** What is wrong with each file, or null. */
      readonly faults: readonly (string | null)[]
      readonly size: Size
      /** The channels of the pixels written. */
      readonly written: 1 | 3
      /** Whether any pixel is not grey. */
      readonly coloured: boolean
      /** The smallest and the largest size there was, and of how many kinds. */
      readonly sizes: { readonly smallest: Size; readonly largest: Size; readonly kinds: number }
    }

/** The images that could be read, and how it went. */
export type ReadImages = Exclude<ReadAnswer, { error: string }> & {
  /** uint8 [N, H, W, C], shared; empty where there is a file. */
  readonly images: Uint8Array
  /** Where the images are that would be more than `maxBytes`. It is open as long as the process lives. */
  readonly file?: PixelFile
  readonly channels: 1 | 3
}

/** Bytes that images may have in memory, and in a file. */
export type Limits = { readonly memory: number; readonly disk: number }

/**
 * Read image files. Where no file can be read, there are only faults and a size of 0.
 * @param limits by default half of the memory, and what is free where temporary files are
 * @throws UserError where the decoder cannot run, or the images would be more than the disk holds.
 */
export function readImages(files: readonly string[], options: ReadOptions, limits: Partial<Limits> = {}): ReadImages {
  const folder = mkdtempSync(join(tmpdir(), 'saccade-images-'))
  const { memory, disk } = { memory: memoryForImages(), disk: freeBytes(folder), ...limits }
  const descriptor = openSync(join(folder, 'pixels'), 'w+')
  const remove = (): void => rmSync(folder, { recursive: true, force: true })
  let stays = false
  try {
    // where the system allows it, the file goes with the last process that has it open, however that ends
    if (process.platform !== 'win32') remove()
    const answer = ask({ ...options, files, folder: dirname(folder), room: disk }, descriptor)
    const read = imagesOf(answer, options, descriptor, memory)
    stays = read.file !== undefined
    if (stays && process.platform === 'win32') process.on('exit', remove)
    return read
  } finally {
    if (!stays) {
      closeSync(descriptor)
      remove()
    }
  }
}

/** The images that were written into an open file: in memory, where they are no more than `memory` bytes. @throws UserError where there was an error. */
export function imagesOf(answer: ReadAnswer, options: ReadOptions, descriptor: number, memory: number): ReadImages {
  if ('error' in answer) throw new UserError(answer.error)
  const channels = options.channels === 0 ? (answer.coloured ? 3 : 1) : (options.channels as 1 | 3)
  const count = answer.faults.filter((fault) => fault === null).length
  const bytes = count * answer.size.width * answer.size.height * channels
  const file = { descriptor, written: answer.written, channels }
  if (bytes > memory) return { ...answer, channels, images: sharedBytes(0), file }
  const images = sharedBytes(bytes)
  readPixels(file, 0, images)
  return { ...answer, channels, images }
}

/** Half of the memory that this process may have, and no more than one array can hold. */
const memoryForImages = (): number =>
  Math.min(totalmem() / 2, (process.constrainedMemory() || Infinity) / 2, constants.MAX_LENGTH)

function freeBytes(folder: string): number {
  const { bavail, bsize } = statfsSync(folder)
  return bavail * bsize
}

/** Ask the process; it writes the pixels of the files that it can read, uint8 [N, H, W, 1 or 3], into the open file `out`. */
function ask(request: ReadRequest, out: number): ReadAnswer {
  const source = import.meta.url.endsWith('.ts')
  const program = fileURLToPath(new URL(`./reading-process.${source ? 'ts' : 'js'}`, import.meta.url))
  const loader = source ? ['--import', import.meta.resolve('tsx')] : []
  const { status, signal, stdout, error } = spawnSync(process.execPath, [...loader, program], {
    input: JSON.stringify(request),
    stdio: ['pipe', 'pipe', 'inherit', out],
    maxBuffer: 2 ** 30,
  })
  if (status === 0) return JSON.parse(stdout.toString()) as ReadAnswer
  throw new UserError(
    `the process that reads the images ended with ${signal ?? error?.message ?? `exit code ${status}`}; nothing was loaded`,
  )
}
