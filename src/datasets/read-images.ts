// Many image files as one run of bytes of one size. They are decoded in a process of its own, for sharp answers by
// promises and an environment is made without one; whatever that process does to itself, this one goes on.

import { constants } from 'node:buffer'
import { spawnSync } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, readSync, rmSync } from 'node:fs'
import { tmpdir, totalmem } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { UserError } from '../core/errors.ts'
import { sharedBytes } from './dataset.ts'
import type { Fit, Size } from './decode-image.ts'

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
  /** More bytes than these are refused before anything is decoded. */
  readonly maxBytes: number
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
  /** uint8 [N, H, W, C], shared. */
  readonly images: Uint8Array
  readonly channels: 1 | 3
}

/**
 * Read image files. Where no file can be read, there are only faults and a size of 0.
 * @throws UserError where the decoder cannot run, or the images would be more than `maxBytes`.
 */
export function readImages(files: readonly string[], options: ReadOptions, maxBytes = usualMaxBytes()): ReadImages {
  const scratch = mkdtempSync(join(tmpdir(), 'saccade-images-'))
  const file = openSync(join(scratch, 'pixels'), 'w+')
  try {
    // where the system allows it, the file goes with the last process that has it open, however that ends
    if (process.platform !== 'win32') rmSync(scratch, { recursive: true })
    const answer = ask({ ...options, files, maxBytes }, file)
    if ('error' in answer) throw new UserError(answer.error)
    const channels = options.channels === 0 ? (answer.coloured ? 3 : 1) : (options.channels as 1 | 3)
    const count = answer.faults.filter((fault) => fault === null).length
    const pixels = count * answer.size.width * answer.size.height
    return { ...answer, channels, images: readPixels(file, pixels, answer.written, channels) }
  } finally {
    closeSync(file)
    rmSync(scratch, { recursive: true, force: true })
  }
}

/** Half of the memory that this process may have, and no more than one array can hold. */
const usualMaxBytes = (): number =>
  Math.min(totalmem() / 2, (process.constrainedMemory() || Infinity) / 2, constants.MAX_LENGTH)

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

/** The pixels of a file, each of `from` bytes that are kept or of which the first is. */
function readPixels(file: number, pixels: number, from: 1 | 3, to: 1 | 3): Uint8Array {
  const images = sharedBytes(pixels * to)
  const block = from === to ? images : new Uint8Array(from * 2 ** 20)
  for (let done = 0; done < pixels; ) {
    const part = from === to ? block.subarray(done * from) : block
    const read = Math.floor(readSync(file, part, 0, Math.min(part.length, 2 ** 30), done * from) / from)
    if (read === 0) throw new Error('the process that reads the images wrote fewer pixels than it says')
    if (from !== to) for (let i = 0; i < Math.min(read, pixels - done); i++) images[done + i] = block[from * i]!
    done += read
  }
  return images
}
