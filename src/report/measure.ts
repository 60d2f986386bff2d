// How wide words are in the typeface that is shipped, read from the font's own tables: nothing is drawn for it.

import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'

type Font = {
  readonly unitsPerEm: number
  /** Advance width of a character, in units; undefined where the font has no picture of it. */
  advance(code: number): number | undefined
}

/** Where the typeface lies. */
export const fontFiles = ['400Regular/Inter_400Regular.ttf', '600SemiBold/Inter_600SemiBold.ttf'].map((file) =>
  createRequire(import.meta.url).resolve(`@expo-google-fonts/inter/${file}`),
)

const fonts = new Map<string, Font>()

/** The width of words in pixels, at a font size in pixels. Characters that the font lacks count as squares. */
export function widthOf(words: string, size = 11, bold = false): number {
  const font = fontOf(fontFiles[bold ? 1 : 0]!)
  let units = 0
  for (const letter of words) units += font.advance(letter.codePointAt(0)!) ?? font.unitsPerEm
  return (units * size) / font.unitsPerEm
}

/** Whether the typeface that is shipped has every character of some words. */
export function isCovered(words: string): boolean {
  const font = fontOf(fontFiles[0]!)
  return Array.from(words).every((letter) => /\s/.test(letter) || font.advance(letter.codePointAt(0)!) !== undefined)
}

function fontOf(path: string): Font {
  const known = fonts.get(path)
  if (known) return known
  const font = readFont(readFileSync(path))
  fonts.set(path, font)
  return font
}

/** The tables head, hhea, hmtx and cmap (format 4 or 12) of a TrueType font. */
function readFont(bytes: Buffer): Font {
  const tables = new Map<string, number>()
  for (let i = 0; i < bytes.readUInt16BE(4); i++) {
    const entry = 12 + 16 * i
    tables.set(bytes.toString('latin1', entry, entry + 4), bytes.readUInt32BE(entry + 8))
  }
  const unitsPerEm = bytes.readUInt16BE(tables.get('head')! + 18)
  const metrics = bytes.readUInt16BE(tables.get('hhea')! + 34)
  const widths = tables.get('hmtx')!
  const glyphs = readCharacters(bytes, tables.get('cmap')!)
  return {
    unitsPerEm,
    advance: (code) => {
      const glyph = glyphs.get(code)
      return glyph === undefined ? undefined : bytes.readUInt16BE(widths + 4 * Math.min(glyph, metrics - 1))
    },
  }
}

/** The glyph of every character. */
function readCharacters(bytes: Buffer, cmap: number): Map<number, number> {
  const glyphs = new Map<number, number>()
  for (let i = 0; i < bytes.readUInt16BE(cmap + 2); i++) {
    const at = cmap + bytes.readUInt32BE(cmap + 8 + 8 * i)
    const format = bytes.readUInt16BE(at)
    if (format === 4) readSegments(bytes, at, glyphs)
    if (format === 12)
      for (let g = 0; g < bytes.readUInt32BE(at + 12); g++) {
        const [first, last, glyph] = [0, 4, 8].map((offset) => bytes.readUInt32BE(at + 16 + 12 * g + offset))
        for (let code = first!; code <= last!; code++) glyphs.set(code, glyph! + code - first!)
      }
  }
  return glyphs
}

function readSegments(bytes: Buffer, at: number, glyphs: Map<number, number>): void {
  const size = bytes.readUInt16BE(at + 6)
  const [ends, starts, deltas, offsets] = [14, 16 + size, 16 + 2 * size, 16 + 3 * size].map((offset) => at + offset)
  for (let i = 0; i < size; i += 2) {
    const [end, start] = [bytes.readUInt16BE(ends! + i), bytes.readUInt16BE(starts! + i)]
    const [delta, offset] = [bytes.readUInt16BE(deltas! + i), bytes.readUInt16BE(offsets! + i)]
    for (let code = start; code <= end && code !== 0xffff; code++) {
      const listed = offset === 0 ? code : bytes.readUInt16BE(offsets! + i + offset + 2 * (code - start))
      const glyph = offset === 0 || listed !== 0 ? (listed + delta) & 0xffff : 0
      if (glyph !== 0) glyphs.set(code, glyph)
    }
  }
}
