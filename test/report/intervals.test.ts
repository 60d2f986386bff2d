// Intervals against numbers worked out by hand or read in tables.

import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { figureOf, inWords, wilson } from '../../src/report/intervals.ts'

const near = (found: readonly number[], expected: readonly number[], tolerance = 5e-4): void => {
  for (const [i, value] of expected.entries())
    assert.ok(Math.abs(found[i]! - value) < tolerance, `[${i}]: ${found[i]}, expected ${value}`)
}

test("Wilson's interval is the one of the textbooks, and holds at 0", () => {
  // 10 of 100: (0.1 + 0.019207) / 1.038415 +- 1.96 sqrt(0.0009 + 0.000096) / 1.038415
  near(wilson(10, 100), [5.523, 17.437], 2e-3)
  // 1 % of 10,000: 0.82 to 1.21
  near(wilson(1, 10_000), [0.8236, 1.2138], 1e-3)
  // none of 10: 0 to z^2 / (10 + z^2)
  near(wilson(0, 10), [0, 27.753], 2e-3)
})

test('one seed has the interval of its images alone', () => {
  assert.equal(figureOf([1], 10_000), { mean: 1, interval: wilson(1, 10_000) })
})

test('several seeds have one that joins the spread of seeds and the chance of images', () => {
  // 1.01, 0.87, 1.10: mean 0.99333, s 0.11590; t(2) = 4.303: 4.303 * 0.11590 / sqrt(3) = 0.28794
  // images: Wilson's from 0.81639 to 1.20819, so 0.17694 and 0.21486; together 0.33769 and 0.35879
  const { mean, interval } = figureOf([1.01, 0.87, 1.1], 10_000)
  near([mean, ...interval], [0.99333, 0.65564, 1.35212])
  assert.is(inWords({ mean, interval }), '0.99 [0.66, 1.35]')
})

test('seeds that agree leave the chance of the images, and never less', () => {
  const { interval } = figureOf([2, 2, 2, 2], 10_000)
  near(interval, wilson(2, 10_000))
  near(figureOf([0, 0, 0], 1568).interval, [0, 0.2444])
})

test('beyond the table the quantile of t goes on where the table ends', () => {
  // 17 seeds, 16 degrees: 2.120; deviations of 1 around 50 of 10^9 images
  const values = Array.from({ length: 17 }, (_, i) => 50 + (i % 2 === 0 ? 1 : -1))
  const mean = values.reduce((sum, value) => sum + value) / 17
  const s = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / 16)
  const { interval } = figureOf(values, 1e9)
  near([(interval[1] - mean) / (s / Math.sqrt(17))], [2.1199], 1e-3)
})

test('what is no rate is refused', () => {
  assert.throws(() => wilson(101, 10), RangeError)
  assert.throws(() => wilson(1, 0), RangeError)
  assert.throws(() => figureOf([], 10), RangeError)
})

test.run()
