// SVG to pixels and PNG, without a display, with the typeface that is shipped. Characters that it lacks (Chinese, say) are
// drawn with whatever fonts the system has.

import { type RenderedImage, Resvg } from '@resvg/resvg-js'
import { fontFiles, isCovered } from './measure.ts'

function render(svg: string, scale: number): RenderedImage {
  const loadSystemFonts = !isCovered(wordsOf(svg))
  const font = { fontFiles, loadSystemFonts, defaultFontFamily: 'Inter', sansSerifFamily: 'Inter' }
  return new Resvg(svg, { font, fitTo: { mode: 'zoom', value: scale } }).render()
}

/** What is written in a picture, and its markup, but no pixels. */
export const wordsOf = (svg: string): string => svg.replace(/data:[^"]+/g, '')

/** A PNG file's bytes, `scale` times as large as the SVG says. */
export const toPng = (svg: string, scale = 2): Uint8Array => render(svg, scale).asPng()

/** uint8 [H, W, 4]. */
export function toPixels(svg: string, scale = 1): { pixels: Uint8Array; width: number; height: number } {
  const { pixels, width, height } = render(svg, scale)
  return { pixels, width, height }
}
