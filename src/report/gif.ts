// Frames to an animated GIF that loops. One palette for all, and of each frame only what changed, so that it stays small.

import gifenc from 'gifenc'
import type { Frame } from './film.ts'
import { toPixels } from './raster.ts'

/** The palette's last entry: a pixel that stays as it was. */
const unchanged = 255

/** A GIF file's bytes. All frames must have the size of the first. `scale` enlarges them. */
export function encodeGif(frames: readonly Frame[], scale = 1): Uint8Array {
  const { GIFEncoder, quantize, applyPalette } = gifenc
  const gif = GIFEncoder()
  const { width, height } = toPixels(frames[0]!.svg, scale)
  const palette = [...quantize(sampleOf(frames, scale), unchanged), [0, 0, 0]]
  while (palette.length <= unchanged) palette.unshift([255, 255, 255])
  const colours = palette.slice(0, unchanged)
  let before: Uint8Array | undefined
  for (const [i, { svg, milliseconds }] of frames.entries()) {
    const { pixels } = toPixels(svg, scale)
    const index = applyPalette(pixels, colours)
    const written = before ? index.map((colour, at) => (colour === before![at] ? unchanged : colour)) : index
    gif.writeFrame(written, width, height, {
      delay: milliseconds,
      dispose: 1,
      ...(i === 0 ? { palette, repeat: 0 } : { transparent: true, transparentIndex: unchanged }),
    })
    before = index
  }
  gif.finish()
  return gif.bytes()
}

/** The pixels of the first, the middle and the last frame: between them they have every colour. */
function sampleOf(frames: readonly Frame[], scale: number): Uint8Array {
  const chosen = [0, Math.floor(frames.length / 2), frames.length - 1]
  const all = chosen.map((i) => toPixels(frames[i]!.svg, scale).pixels)
  const sample = new Uint8Array(all.reduce((length, pixels) => length + pixels.length, 0))
  let offset = 0
  for (const pixels of all) {
    sample.set(pixels, offset)
    offset += pixels.length
  }
  return sample
}
