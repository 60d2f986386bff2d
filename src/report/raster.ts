// SVG to pixels and PNG, without a display, with the typeface that is shipped.

import { createRequire } from 'node:module'
import { type RenderedImage, Resvg } from '@resvg/resvg-js'

const fontFiles = ['400Regular/Inter_400Regular.ttf', '600SemiBold/Inter_600SemiBold.ttf'].map((file) =>
  createRequire(import.meta.url).resolve(`@expo-google-fonts/inter/${file}`),
)

function render(svg: string, scale: number): RenderedImage {
  const font = { fontFiles, loadSystemFonts: false, defaultFontFamily: 'Inter', sansSerifFamily: 'Inter' }
  return new Resvg(svg, { font, fitTo: { mode: 'zoom', value: scale } }).render()
}

/** A PNG file's bytes, `scale` times as large as the SVG says. */
export const toPng = (svg: string, scale = 2): Uint8Array => render(svg, scale).asPng()

/** uint8 [H, W, 4]. */
export function toPixels(svg: string, scale = 1): { pixels: Uint8Array; width: number; height: number } {
  const { pixels, width, height } = render(svg, scale)
  return { pixels, width, height }
}
