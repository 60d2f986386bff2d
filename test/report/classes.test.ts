// Pictures of worlds that are not digits: many classes, long and Chinese names, a class without items, wide images in colour.

import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { drawConfusion } from '../../src/report/confusion.ts'
import { drawHeat } from '../../src/report/heat.ts'
import { widthOf } from '../../src/report/measure.ts'

const names = Array.from({ length: 40 }, (_, k) =>
  k % 3 === 0 ? `很长的类别名称 ${k}` : k % 3 === 1 ? `a class whose name is far too long to be shown ${k}` : `c${k}`,
)
const head = { title: 'Title', subtitle: 'subtitle' }

/** The size of a picture, and every text in it: where it begins and ends, along its own direction. */
function read(svg: string) {
  const [, width, height] = /^<svg[^>]* width="(\d+)" height="(\d+)"/.exec(svg)!.map(Number)
  const texts = [
    ...svg.matchAll(/(<g transform="rotate\(-90[^>]*>)?<text x="([\d.-]+)" y="([\d.-]+)"([^>]*)>([^<]*)</g),
  ].map(([, turned, x, y, rest, words]) => {
    const size = Number(/font-size="([\d.]+)"/.exec(rest!)![1])
    const length = widthOf(words!, size)
    const anchor = /text-anchor="(\w+)"/.exec(rest!)?.[1]
    const before = anchor === 'end' ? length : anchor === 'middle' ? length / 2 : 0
    return { words: words!, turned: turned !== undefined, x: Number(x), y: Number(y), before, after: length - before }
  })
  return { width: width!, height: height!, texts }
}

test('forty classes with long or Chinese names: every name is within the picture, and none touches another', () => {
  const counts = new Int32Array(1600)
  for (let k = 0; k < 40; k++) counts[k * 41] = 10
  counts[3] = 7
  const { width, height, texts } = read(drawConfusion(counts, names, head))
  for (const { words, turned, x, y, before, after } of texts) {
    const [from, to, limit] = turned ? [y - after, y + before, height] : [x - before, x + after, width]
    assert.ok(from >= 0 && to <= limit, `${words}: ${from} to ${to} of ${limit}`)
  }
  // the names at the side: one a row, in order, their lines apart
  const side = texts.filter(({ words, turned }) => !turned && /^(很|a class|c\d)/.test(words))
  assert.is(side.length, 40)
  assert.ok(side.slice(1).every(({ y }, i) => y - side[i]!.y >= 9))
  const over = texts.filter(({ words, turned }) => turned && /^(很|a class|c\d)/.test(words))
  assert.is(over.length, 40)
  assert.ok(over.slice(1).every(({ x }, i) => x - over[i]!.x >= 9))
})

test('a class without items is a row of its own, and no share of nothing', () => {
  // of class 0 three items, one of them taken for class 1; of class 1 none
  const svg = drawConfusion(Int32Array.of(2, 1, 0, 0), ['cat', 'dog'], head)
  const { texts } = read(svg)
  assert.ok(texts.some(({ words }) => words === '–'))
  // the scale ends at the worst share: one of three
  assert.ok(texts.some(({ words }) => words === "33 % of the right class's items"))
  assert.not.match(svg, /NaN|Infinity/)
})

test('a map of wide images in colour keeps their shape, says its scale and the size of the window', () => {
  const mean = { pixels: new Uint8Array(20 * 40 * 3), height: 20, width: 40, channels: 3 }
  const panels = names.slice(0, 8).map((name, k) => ({ name, mean: k === 7 ? undefined : mean }))
  const looks = Array.from({ length: 100 }, () => ({ x: 0, y: 0, target: 0 }))
  const svg = drawHeat(looks, panels, { window: 8, height: 20, width: 40 }, head)
  const { width, texts } = read(svg)
  // 40 pixels are drawn 150 wide: 3.75 a pixel, so 75 high, and a window of 8 is 30
  assert.match(svg, /<image x="[\d.]+" y="[\d.]+" width="150" height="75"/)
  assert.match(svg, /width="30" height="30"[^>]*stroke="#ff6a3d"/)
  assert.ok(texts.some(({ words }) => words === 'the finest window, 8x8 pixels'))
  assert.ok(texts.some(({ words }) => /^0 to [\d.]+ times as many looks as if they were spread evenly$/.test(words)))
  assert.is(texts.filter(({ words }) => words === 'no items').length, 1)
  for (const { words, x, before, after } of texts) assert.ok(x - before >= 0 && x + after <= width, words)
})

test('looks that are spread evenly are one times as dense everywhere', () => {
  const mean = { pixels: new Uint8Array(4), height: 2, width: 2, channels: 1 }
  const looks = Array.from({ length: 2500 }, (_, i) => ({
    ...{ x: ((i % 50) + 0.5) / 25 - 1, y: (Math.floor(i / 50) + 0.5) / 25 - 1, target: 0 },
  }))
  const { texts } = read(drawHeat(looks, [{ name: 'all', mean }], { window: 1, height: 2, width: 2 }, head))
  assert.ok(
    texts.some(({ words }) => words.startsWith('0 to 1.0 times')),
    texts.map(({ words }) => words).join(),
  )
})

test.run()
