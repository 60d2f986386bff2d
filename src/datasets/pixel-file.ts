// Pixels in a file, from which images that are too many for memory are read when they are shown.

import { readSync } from 'node:fs'
import type { PixelFile } from './dataset.ts'

/** Most pixels that are taken apart at once. */
const most = 2 ** 20

/** Read as many pixels as `out`, uint8 [pixels, `channels`], holds, from pixel `from` on. @throws Error where the file is shorter. */
export function readPixels({ descriptor, written, channels }: PixelFile, from: number, out: Uint8Array): void {
  if (written === channels) {
    readBytes(descriptor, from * written, out)
    return
  }
  const block = new Uint8Array(written * Math.min(most, out.length))
  for (let done = 0; done < out.length; done += most) {
    const count = Math.min(most, out.length - done)
    readBytes(descriptor, (from + done) * written, block.subarray(0, count * written))
    for (let i = 0; i < count; i++) out[done + i] = block[i * written]!
  }
}

function readBytes(descriptor: number, from: number, out: Uint8Array): void {
  for (let done = 0; done < out.length; ) {
    const read = readSync(descriptor, out, done, Math.min(out.length - done, 2 ** 30), from + done)
    if (read === 0) throw new Error('the file of the images is shorter than it was')
    done += read
  }
}
