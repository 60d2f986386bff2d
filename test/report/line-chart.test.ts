// The chart of lines and what it rests on: marks of axes, colours, measured words.

import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { type LineChart, lineChart, spread } from '../../src/report/line-chart.ts'
import { isCovered, widthOf } from '../../src/report/measure.ts'
import { lineColour, onDark, onLight } from '../../src/report/palette.ts'
import { sheet } from '../../src/report/sheet.ts'
import { shortened } from '../../src/report/svg.ts'
import { inks } from '../../src/report/theme.ts'
import { logTicks, niceTicks, tickWords, wholeTicks } from '../../src/report/ticks.ts'
import { ciede2000, contrast, nearest } from './colour.ts'

test('the measure of differences is CIEDE2000: two pairs of its authors', () => {
  assert.ok(Math.abs(ciede2000([50, 2.6772, -79.7751], [50, 0, -82.7485]) - 2.0425) < 1e-4)
  assert.ok(Math.abs(ciede2000([50, 2.5, 0], [73, 25, -18]) - 27.1492) < 1e-4)
})

test('the eight colours of lines are told apart by everyone, and stand out from the paper', () => {
  for (const [colours, paper] of [
    [onLight, '#ffffff'],
    [onDark, '#1b1a18'],
  ] as const) {
    assert.is(colours.length, 8)
    assert.ok(nearest(colours, 'deuteranopia') >= 16, `deuteranopia: ${nearest(colours, 'deuteranopia')}`)
    assert.ok(nearest(colours, 'protanopia') >= 16, `protanopia: ${nearest(colours, 'protanopia')}`)
    assert.ok(nearest(colours, 'usual') >= 26, `usual: ${nearest(colours, 'usual')}`)
    for (const colour of colours) assert.ok(contrast(colour, paper) >= 3, `${colour}: ${contrast(colour, paper)}`)
  }
})

test('no colour comes twice, however many lines there are', () => {
  const colours = Array.from({ length: 200 }, (_, i) => lineColour(i))
  assert.is(new Set(colours).size, 200)
  for (const colour of colours) assert.match(colour, /^#[0-9a-f]{6}$/)
})

test('a linear axis is marked at round numbers', () => {
  assert.equal(niceTicks(0, 1, 6), [0, 0.2, 0.4, 0.6, 0.8, 1])
  assert.equal(niceTicks(0.07, 0.93, 3), [0.5])
  assert.equal(niceTicks(3, 3), [3])
})

test('epochs are marked at whole numbers, at most eight of them', () => {
  assert.equal(wholeTicks(1, 1), [1])
  assert.equal(wholeTicks(1, 3), [1, 2, 3])
  assert.equal(wholeTicks(1, 12), [1, 2, 4, 6, 8, 10, 12])
  assert.equal(wholeTicks(1, 100), [1, 20, 40, 60, 80, 100])
})

test('a logarithmic axis has no more marks than fit, over part of a decade or over many', () => {
  assert.equal(logTicks(0.1, 100, 6), [0.1, 1, 10, 100])
  assert.equal(logTicks(1, 100, 8), [1, 2, 5, 10, 20, 50, 100])
  assert.equal(logTicks(2.1, 3.9, 6), [2.5, 3, 3.5])
  for (const [low, high] of [
    [1e-6, 1e6],
    [0.9, 1.1],
    [3, 4000],
    [1e-5, 2e-5],
  ] as const) {
    const ticks = logTicks(low, high, 5)
    assert.ok(ticks.length >= 1 && ticks.length <= 5, `${low} to ${high}: ${ticks}`)
    assert.ok(ticks.every((tick) => tick >= low * 0.999 && tick <= high * 1.001))
    assert.is(new Set(tickWords(ticks)).size, ticks.length)
  }
})

test('marks are written with as few digits as tell them apart', () => {
  assert.equal(tickWords([0, 0.0005, 0.001]), ['0', '0.0005', '0.001'])
  assert.equal(tickWords([0, 0.5, 1]), ['0', '0.5', '1'])
  assert.equal(tickWords([0, 20_000, 40_000]), ['0', '20k', '40k'])
  assert.equal(tickWords([0, 2e6]), ['0', '2M'])
  assert.equal(tickWords([0, 2e-5, 4e-5]), ['0', '2e-5', '4e-5'])
})

const chart = (more: Partial<LineChart>): LineChart => ({
  ...{ width: 300, height: 200, series: [], inks, xLabel: 'epoch', measure: widthOf },
  ...more,
})
const line = (label: string, values: readonly number[], colour = '#000000') => ({
  ...{ label, colour },
  points: values.map((y, i) => ({ x: i + 1, y })),
})
/** Every text of an SVG with its place. */
const textsOf = (svg: string) =>
  [...svg.matchAll(/<text x="([\d.-]+)" y="([\d.-]+)"[^>]*?(text-anchor="(\w+)")?[^>]*>([^<]*)</g)].map((found) => ({
    x: Number(found[1]),
    y: Number(found[2]),
    anchor: /text-anchor="(\w+)"/.exec(found[0])?.[1],
    words: found[5]!,
  }))

test('a point lies where its numbers say', () => {
  const { across, up, box, svg } = lineChart(chart({ series: [line('a', [0, 5, 10])], fromZero: true }))
  assert.equal([across(1), across(3), across(2)], [box.left, box.right, (box.left + box.right) / 2])
  assert.equal([up(0), up(10), up(5)], [box.bottom, box.top, (box.top + box.bottom) / 2])
  assert.ok(svg.includes(`M${box.left.toFixed(1)},${box.bottom.toFixed(1)}L`))
})

test('errors are compared from 0; without that, the axis begins near the smallest', () => {
  const [zero, near] = [true, false].map((fromZero) => lineChart(chart({ series: [line('a', [50, 60])], fromZero })))
  assert.is(zero!.up(0), zero!.box.bottom)
  assert.is(near!.up(50), near!.box.bottom)
})

test('a logarithmic axis leaves out what is not above 0, and a range what lies outside', () => {
  const log = lineChart(chart({ series: [line('a', [0, -1, 1, 10, 100])], log: true }))
  assert.ok(Math.abs(log.up(10) - (log.box.top + log.box.bottom) / 2) < 1e-9)
  assert.is([...log.svg.matchAll(/<circle/g)].length, 3)
  const part = lineChart(chart({ series: [line('a', [1, 2, 3, 4])], range: [2, 3] }))
  assert.is([...part.svg.matchAll(/<circle/g)].length, 2)
})

test('marks across never touch each other', () => {
  const series = [{ label: 'a', colour: '#000', points: [0, 4e5, 9.9e5].map((x) => ({ x, y: 1 })) }]
  for (const width of [140, 220, 300, 600]) {
    const { svg, box } = lineChart(chart({ series, width }))
    const marks = textsOf(svg).filter(({ y }) => Math.abs(y - (box.bottom + 15)) < 0.02)
    assert.ok(marks.length >= 1)
    for (const [i, mark] of marks.slice(1).entries()) {
      const before = marks[i]!
      const half = (widthOf(mark.words, 10) + widthOf(before.words, 10)) / 2
      assert.ok(mark.x - before.x >= half + 4, `${width}: ${before.words} and ${mark.words}`)
    }
  }
})

test('lines are named at their ends, apart from each other and within the picture', () => {
  const long = 'a name that is much too long to stand beside its line at full length'
  const { svg } = lineChart(chart({ series: [line('first', [2, 1]), line('second', [3, 1]), line(long, [4, 1.01])] }))
  const names = textsOf(svg).filter(({ words }) => /first|second|…/.test(words))
  assert.is(names.length, 3)
  const places = names.map(({ y }) => y).sort((a, b) => a - b)
  assert.ok(
    places.slice(1).every((y, i) => y - places[i]! >= 12.9),
    places.join(),
  )
  for (const { x, words } of names) assert.ok(x + widthOf(words, 11) <= 300, words)
  assert.equal(spread([5, 5, 5], 10, 0, 100), [5, 15, 25])
  assert.equal(spread([99, 99], 10, 0, 100), [90, 100])
})

test('a level is drawn where it does not squeeze the lines', () => {
  const level = { y: 90, label: 'chance' }
  assert.match(lineChart(chart({ series: [line('a', [80, 20])], level })).svg, />chance</)
  assert.not.match(lineChart(chart({ series: [line('a', [3, 1])], level })).svg, />chance</)
})

test('words are as wide as the typeface draws them, and a letter that it lacks is a square', () => {
  // Inter has 2816 units to the em; H is 2093 of them wide, in its regular weight
  assert.ok(Math.abs(widthOf('HH', 10) - (2 * 2093 * 10) / 2816) < 0.2, String(widthOf('HH', 10)))
  assert.ok(widthOf('HH', 10, true) > widthOf('HH', 10))
  assert.is(widthOf('猫', 12), 12)
  assert.equal([isCovered('Größe – 8 %'), isCovered('猫')], [true, false])
})

test('names are cut in their middle, so that they stay apart', () => {
  const measure = (words: string): number => words.length
  assert.is(shortened('clutter-seed-1', 14, measure), 'clutter-seed-1')
  assert.is(shortened('clutter-seed-1', 9, measure), 'clut…ed-1')
  assert.is(shortened('x', 0, measure), '…')
})

test('headings and legends are broken into lines, never cut', () => {
  const subtitle = 'words '.repeat(80).trim()
  const entries = Array.from({ length: 12 }, (_, i) => ({ label: `a group with a long name ${i}`, colour: '#000' }))
  const svg = sheet({ title: 'Title', subtitle }, ['', ''], [290, 190], entries)
  const width = Number(/width="(\d+)"/.exec(svg)![1])
  for (const { x, words } of textsOf(svg)) assert.ok(x + widthOf(words, 11) <= width, words)
  assert.is(textsOf(svg).filter(({ words }) => words.startsWith('a group')).length, 12)
})

test.run()
