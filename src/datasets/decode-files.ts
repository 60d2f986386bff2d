// Many image files into one file of pixels. Headers come first: what is wrong or too much is known before anything is decoded.

import { readFileSync, writeSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { UserError } from '../core/errors.ts'
import { decodeImage, type Header, isGrey, readHeader, type Size, toGrey } from './decode-image.ts'
import { commonSize, inUnits } from './image-size.ts'
import type { ReadAnswer, ReadRequest } from './read-images.ts'

/** Files that are read at once. */
const hands = Math.min(4, availableParallelism())

/**
 * Write the pixels of the files that can be read, uint8 [N, H, W, 1 or 3], into an open file.
 * @throws UserError where no file can be read
 */
export async function decodeFiles(request: ReadRequest, output: number): Promise<ReadAnswer> {
  const { files, channels, side, folder, room } = request
  const faults: (string | null)[] = files.map(() => null)
  const headers: (Header | undefined)[] = []
  await each(files, 'looking at', async (path, i) => {
    await attempt(faults, i, async () => {
      headers[i] = await readHeader(readFileSync(path))
    })
  })
  const known = headers.filter((header) => header !== undefined)
  const size = commonSize(known, side)
  const written = channels === 1 ? 1 : 3
  const bytes = known.length * size.width * size.height * written
  if (bytes > room) {
    const fitting = Math.floor(Math.sqrt(room / (known.length * written)))
    return {
      error: `${known.length} images of ${size.width}x${size.height} are ${inUnits(bytes)} when they are decoded, and ${folder} has ${inUnits(room)} left: make them smaller with --side ${Math.min(fitting, 128)}, take fewer, or set TMPDIR to a folder with more room`,
    }
  }
  const coloured = await decodeAll(request, size, faults, output)
  return { faults, size, written, coloured, sizes: spanOf(known) }
}

/** Decode what has no fault yet into the file; whether any pixel is not grey. */
async function decodeAll(
  request: ReadRequest,
  size: Size,
  faults: (string | null)[],
  output: number,
): Promise<boolean> {
  const { files, fit, background, channels } = request
  let coloured = false
  // finished ahead of their turn: they are written in the order of the files
  const waiting = new Map<number, Uint8Array | null>()
  let next = 0
  let end = 0
  const write = (): void => {
    for (let pixels = waiting.get(next); pixels !== undefined; pixels = waiting.get(++next)) {
      waiting.delete(next)
      if (!pixels) continue
      for (let done = 0; done < pixels.length; )
        done += writeSync(output, pixels, done, pixels.length - done, end + done)
      end += pixels.length
    }
  }
  await each(files, 'reading', async (path, i) => {
    let pixels: Uint8Array | null = null
    if (faults[i] === null)
      await attempt(faults, i, async () => {
        const image = await decodeImage(readFileSync(path), { size, fit, background })
        coloured ||= channels === 0 && !isGrey(image.pixels)
        pixels = channels === 1 ? toGrey(image.pixels) : image.pixels
      })
    waiting.set(i, pixels)
    write()
  })
  return coloured
}

/** Do something with a file, or note why it cannot be done. @throws UserError where no file can be read. */
async function attempt(faults: (string | null)[], i: number, act: () => Promise<void>): Promise<void> {
  try {
    await act()
  } catch (error) {
    if (error instanceof UserError) throw error
    faults[i] = (error as Error).message
  }
}

/** Do something with every file, a few at once; what takes long says how far it is. */
async function each(
  files: readonly string[],
  doing: string,
  act: (path: string, i: number) => Promise<void>,
): Promise<void> {
  let [next, told] = [0, performance.now()]
  const hand = async (): Promise<void> => {
    while (next < files.length) {
      const i = next++
      await act(files[i]!, i)
      if (performance.now() - told < 5000) continue
      told = performance.now()
      process.stderr.write(`${doing} images: ${next} of ${files.length}\n`)
    }
  }
  await Promise.all(Array.from({ length: hands }, hand))
}

function spanOf(sizes: readonly Size[]): { smallest: Size; largest: Size; kinds: number } {
  const area = ({ width, height }: Size): number => width * height
  const sorted = sizes.map(({ width, height }) => ({ width, height })).sort((a, b) => area(a) - area(b))
  const none = { width: 0, height: 0 }
  const kinds = new Set(sizes.map(({ width, height }) => `${width}x${height}`)).size
  return { smallest: sorted[0] ?? none, largest: sorted.at(-1) ?? none, kinds }
}
