import { decode } from 'fast-png'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { Picture } from '../../src/env/environment.ts'
import { drawBars } from '../../src/report/belief-bars.ts'
import { drawGlimpse, drawScene, glimpsePictures, Reconstruction } from '../../src/report/gaze.ts'
import { image } from '../../src/report/image.ts'
import { toPixels, toPng } from '../../src/report/raster.ts'
import { element, svgDocument, text } from '../../src/report/svg.ts'
import { windowColours } from '../../src/report/theme.ts'

/** A black scene of 10x10 pixels, seen through windows of 4 and 8 pixels. */
const scene: Picture = { pixels: new Uint8Array(100), height: 10, width: 10, channels: 1, windows: [4, 8] }

/** The colour at (x, y) of a drawing, as #rrggbb. */
function colourAt(svg: string, x: number, y: number): string {
  const { pixels, width } = toPixels(svg)
  const hex = Array.from(pixels.subarray(4 * (y * width + x), 4 * (y * width + x) + 3), (byte) =>
    byte.toString(16).padStart(2, '0'),
  )
  return `#${hex.join('')}`
}

test('a window is drawn as a square about the place that is looked at', () => {
  // 10 pixels drawn 100 wide, at (20, 30): 10 a pixel. Looking at (0.2, 0): centre (0.6 x 100, 0.5 x 100) = (60, 50).
  // The window of 4 pixels reaches 20 to each side: x from 20 + 40 = 60 to 20 + 80 = 100, y from 30 + 30 = 60 to 100.
  const svg = svgDocument(140, 140, drawScene(scene, 20, 30, 100, { at: [0.2, 0] }))
  const finest = windowColours[0]
  for (const [x, y] of [
    [60, 80],
    [99, 80],
    [80, 60],
    [80, 99],
  ] as const)
    assert.is(colourAt(svg, x, y), finest, `${x}, ${y}`)
  for (const [x, y] of [
    [55, 80],
    [105, 80],
    [80, 80],
  ] as const)
    assert.is(colourAt(svg, x, y), '#000000', `${x}, ${y}`)
  // the window of 8 pixels reaches 40: its left edge, 1.25 wide, covers x from 39.375 to 40.625, all of none but part of two
  assert.is.not(colourAt(svg, 40, 80), '#000000')
})

test('what a window sees beyond the border is not drawn over the page', () => {
  const svg = svgDocument(140, 140, drawScene(scene, 20, 30, 100, { at: [-1, -1] }))
  assert.is(colourAt(svg, 5, 80), '#ffffff')
  assert.is(colourAt(svg, 39, 40), windowColours[0], 'the right edge at 20 + 20')
})

test('a scene that is no square keeps its shape, in the middle', () => {
  const wide: Picture = { pixels: new Uint8Array(50), height: 5, width: 10, channels: 1, windows: [2] }
  const svg = svgDocument(100, 100, drawScene(wide, 0, 0, 100))
  // 50 high: from 25 to 75
  assert.equal(
    [10, 30, 70, 90].map((y) => colourAt(svg, 50, y)),
    ['#ffffff', '#000000', '#000000', '#ffffff'],
  )
})

test('enlarged pixels stay sharp', () => {
  const svg = svgDocument(
    20,
    10,
    image({ pixels: Uint8Array.of(0, 255), height: 1, width: 2, channels: 1 }, 0, 0, 20, 10),
  )
  assert.equal(
    [1, 9, 10, 18].map((x) => colourAt(svg, x, 5)),
    ['#000000', '#000000', '#ffffff', '#ffffff'],
  )
})

test('a glimpse is cut into its scales, in bytes', () => {
  const pictures = glimpsePictures(Float32Array.of(0, 1, 0.5, 0.2, 1, 1, 0, 0), [2, 2, 2, 1])
  assert.equal(
    pictures.map(({ pixels }) => [...pixels]),
    [
      [0, 255, 128, 51],
      [255, 255, 0, 0],
    ],
  )
})

test('scales lie side by side, the finest first, each framed in the colour of its window', () => {
  // two scales in a square of 64: (64 - 4) / 2 = 30 each, at x = 0 and 34, in the middle: y from 17 to 47
  const svg = svgDocument(64, 64, drawGlimpse(new Float32Array(8), [2, 2, 2, 1], 0, 0, 64))
  assert.equal([colourAt(svg, 1, 32), colourAt(svg, 35, 32)], [windowColours[0], windowColours[1]])
  assert.equal([colourAt(svg, 15, 32), colourAt(svg, 32, 32), colourAt(svg, 15, 8)], ['#000000', '#ffffff', '#ffffff'])
})

test('only what was looked at is reconstructed, and a finer look wins over a coarser one', () => {
  // a 4x4 scene through windows of 2 and 4 pixels with 2x2 cells: cells of 1 and 2 pixels
  const reconstruction = new Reconstruction({
    ...scene,
    pixels: new Uint8Array(16),
    height: 4,
    width: 4,
    windows: [2, 4],
  })
  assert.is(reconstruction.coverage, 0)
  const glimpse = Float32Array.of(0.2, 0.4, 0.6, 0.8, 0, 0, 0, 1)
  // looking at (0.5, 0.5): centre (3, 3); the fine window covers columns and rows 2 and 3, the coarse one 1 to 3,
  // of which columns 1 and 2 are its left cells (from 1 to 3) and column 3 the right ones
  reconstruction.add(glimpse, [0.5, 0.5], 2)
  const { pixels, channels } = reconstruction.pixels
  assert.is(channels, 2)
  const [grey, alpha] = [0, 1].map((c) => Array.from({ length: 16 }, (_, i) => pixels[2 * i + c]!))
  assert.equal(alpha, [0, 0, 0, 0, 0, 255, 255, 255, 0, 255, 255, 255, 0, 255, 255, 255])
  // fine: 0.2 x 255 = 51, 102, 153, 204; coarse around it: its top left, top right and bottom left cells, all 0
  assert.equal(grey, [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 51, 102, 0, 0, 153, 204])
  assert.is(reconstruction.coverage, 9 / 16)
  // a later coarse look does not blur what was seen sharply
  reconstruction.add(Float32Array.of(0, 0, 0, 0, 1, 1, 1, 1), [0, 0], 2)
  assert.is(reconstruction.pixels.pixels[2 * 15], 204)
  assert.is(reconstruction.pixels.pixels[0], 255)
  assert.is(reconstruction.coverage, 1)
})

test('the bar of a choice is as long as its probability', () => {
  const svg = drawBars({ probabilities: [0.25, 0.75], names: ['i', 'j'] }, 0, 0, 142, 40)
  // names take 12, numbers 30: 100 are left for the bars
  const widths = [...svg.matchAll(/width="([\d.]+)"/g)].map(([, width]) => Number(width))
  assert.equal(widths, [100, 25, 100, 75])
  assert.match(svg, />75<\/text>/)
})

test('of many choices the ten likeliest are shown', () => {
  const probabilities = Array.from({ length: 40 }, (_, k) => k / 780)
  const svg = drawBars({ probabilities, names: probabilities.map((_, k) => `class ${k}`) }, 0, 0, 200, 100)
  assert.equal(
    [...svg.matchAll(/>class (\d+)</g)].map(([, k]) => Number(k)),
    [39, 38, 37, 36, 35, 34, 33, 32, 31, 30],
  )
})

test('a PNG has the size that was asked for, and words are drawn without fonts of the system', () => {
  const { width, height, data, channels } = decode(toPng(svgDocument(60, 20, text('gaze', 2, 15, { size: 14 })), 2))
  assert.equal([width, height, channels], [120, 40, 4])
  let dark = 0
  for (let i = 0; i < data.length; i += channels) if (data[i]! < 100) dark++
  assert.ok(dark > 100 && dark < 1500, `${dark} dark pixels`)
})

test('words and attributes cannot break the document', () => {
  assert.is(element('a', { b: '"<' }, text('<&>', 0, 0)).includes('&lt;&amp;&gt;'), true)
  assert.is(element('a', { b: '"<' }), '<a b="&quot;&lt;"/>')
})

test.run()
