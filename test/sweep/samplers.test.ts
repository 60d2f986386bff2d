import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { Rng } from '../../src/core/rng.ts'
import { sweepOptions } from '../../src/sweep/options.ts'
import { createSampler } from '../../src/sweep/samplers/index.ts'
import { sobol } from '../../src/sweep/samplers/quasi-random.ts'
import type { Observation } from '../../src/sweep/samplers/sampler.ts'
import { ParzenEstimator } from '../../src/sweep/samplers/tpe.ts'
import { type Point, parseSpace, type Space } from '../../src/sweep/space.ts'
import { refused } from './support.ts'

const sampler = (space: Space, options: object) => createSampler(sweepOptions.parse(options), space)

test('a grid counts through every combination, conditional options only where they are active', () => {
  const space = parseSpace({
    kind: { choice: ['a', 'b'] },
    x: { uniform: [0, 1], steps: 3 },
    y: { logUniform: [0.01, 1], when: { kind: 'b' }, steps: 2 },
    n: { integer: [1, 2], when: { kind: 'a' } },
  })
  const grid = sampler(space, { sampler: 'grid' })
  // a: 3 x 2 of x and n; b: 3 x 2 of x and y
  assert.is(grid.count, 12)
  const points = Array.from({ length: 12 }, (_, i) => grid.propose(i, []))
  assert.equal(points[0], { kind: 'a', x: 0, n: 1 })
  assert.equal(points[1], { kind: 'a', x: 0, n: 2 })
  assert.equal(points[2], { kind: 'a', x: 0.5, n: 1 })
  assert.equal(points[6], { kind: 'b', x: 0, y: 0.01 })
  assert.equal(points[11], { kind: 'b', x: 1, y: 1 })
  assert.is(new Set(points.map((point) => JSON.stringify(point))).size, 12)
  const wide = parseSpace(Object.fromEntries(Array.from({ length: 8 }, (_, i) => [`x${i}`, { uniform: [0, 1] }])))
  refused(() => sampler(wide, { sampler: 'grid' }), /the grid has more than 100000 points/)
})

test('the Sobol sequence is that of Joe and Kuo, and every axis is stratified', () => {
  const at = (axis: number, count: number) => Array.from({ length: count }, (_, i) => sobol(axis, i) / 2 ** 32)
  // by hand: axis 0 is van der Corput in Gray-code order; axis 1 has v = 1/2, 3/4, 5/8
  assert.equal(at(0, 5), [0, 0.5, 0.75, 0.25, 0.375])
  assert.equal(at(1, 5), [0, 0.5, 0.25, 0.75, 0.375])
  for (let axis = 0; axis < 21; axis++) {
    const cells = at(axis, 256).map((value) => Math.floor(256 * value))
    assert.is(new Set(cells).size, 256, `axis ${axis}: one point in every 256th`)
  }
  // any 16 in a row of 2 axes: one in every cell of 4 x 4
  const cells = at(0, 16).map((x, i) => 4 * Math.floor(4 * x) + Math.floor(4 * at(1, 16)[i]!))
  assert.is(new Set(cells).size, 16)
})

test('quasi-random points stay stratified after the shift, and equal seeds give equal points', () => {
  const space = parseSpace({ x: { uniform: [0, 1] }, y: { choice: [0, 1, 2, 3] } })
  const points = (seed: number) =>
    Array.from({ length: 16 }, (_, i) => sampler(space, { sampler: 'quasi-random', seed }).propose(i, []))
  assert.is(new Set(points(1).map(({ x }) => Math.floor(16 * (x as number)))).size, 16)
  for (const choice of [0, 1, 2, 3]) assert.is(points(1).filter(({ y }) => y === choice).length, 4)
  assert.equal(points(1), points(1))
  assert.not.equal(points(1), points(2))
})

test('random points depend on the seed and their number alone', () => {
  const space = parseSpace({ x: { uniform: [0, 1] } })
  const random = (seed: number) => sampler(space, { sampler: 'random', seed })
  assert.equal(random(1).propose(7, []), random(1).propose(7, [{ point: { x: 0 }, epoch: 1, cost: 1 }]))
  const mean =
    Array.from({ length: 1000 }, (_, i) => random(1).propose(i, []).x as number).reduce((a, b) => a + b) / 1000
  // the standard error of the mean of 1,000 uniform numbers is 0.009
  assert.ok(Math.abs(mean - 0.5) < 0.04, String(mean))
})

test('a Parzen estimator is a density: it integrates to 1, and draws where its values are', () => {
  const [dimension] = parseSpace({ x: { uniform: [0, 4] } })
  const values = [0.5, 0.6, 0.7, 3.9]
  const estimator = new ParzenEstimator(dimension!.domain as never, values)
  const step = 0.001
  let integral = 0
  for (let x = step / 2; x < 4; x += step) integral += step * Math.exp(estimator.logDensity(x))
  assert.ok(Math.abs(integral - 1) < 1e-3, String(integral))
  assert.ok(estimator.logDensity(0.6) > estimator.logDensity(2))
  const rng = Rng.of(1)
  const drawn = Array.from({ length: 500 }, () => estimator.draw(rng))
  assert.ok(drawn.every((x) => x >= 0 && x <= 4))
  const share = drawn.filter((x) => x < 1.2).length / 500
  const expected = Array.from({ length: 1200 }, (_, i) => 0.001 * Math.exp(estimator.logDensity(i / 1000))).reduce(
    (a, b) => a + b,
  )
  // five standard errors of a share of 500
  assert.ok(Math.abs(share - expected) < 0.11, `${share} against ${expected}`)
})

/** A made-up objective over a number on a logarithm, two plain ones, a choice and a conditional number; 0 at the best. */
const cheap = parseSpace({
  rate: { logUniform: [1e-5, 1] },
  kind: { choice: ['a', 'b', 'c'] },
  width: { integer: [1, 100] },
  noise: { uniform: [0, 1], when: { kind: 'b' } },
})
const cost = ({ rate, kind, width, noise = 1 }: Point): number =>
  (Math.log10(rate as number) + 2.5) ** 2 +
  (((width as number) - 30) / 20) ** 2 +
  (kind === 'b' ? 4 * ((noise as number) - 0.2) ** 2 : 2)

/** The best cost after so many points. */
function bestAfter(trials: number, options: object): number {
  const { propose } = sampler(cheap, options)
  const observations: Observation[] = []
  for (let i = 0; i < trials; i++) {
    const point = propose(i, observations)
    observations.push({ point, epoch: 1, cost: cost(point) })
  }
  return Math.min(...observations.map((each) => each.cost))
}

test('tpe is better than random on a known function at equal trials', () => {
  const seeds = Array.from({ length: 20 }, (_, seed) => seed)
  const [tpe, random] = ['tpe', 'random'].map((name) =>
    seeds.map((seed) => bestAfter(60, { sampler: name, seed })),
  ) as [number[], number[]]
  const wins = seeds.filter((seed) => tpe[seed]! < random[seed]!).length
  const middle = (values: number[]) => [...values].sort((a, b) => a - b)[10]!
  if (process.env.SHOW) console.log(wins, middle(tpe), middle(random))
  // chance alone wins 15 of 20 one time in 50
  assert.ok(wins >= 15, `tpe wins for ${wins} of 20 seeds`)
  assert.ok(middle(tpe) < 0.5 * middle(random), `the median best is ${middle(tpe)} against ${middle(random)}`)
})

test('tpe begins with a Sobol sequence, repeats itself for equal results, and counts failures among the bad', () => {
  const tpe = sampler(cheap, { sampler: 'tpe', seed: 3 })
  const sequence = sampler(cheap, { sampler: 'quasi-random', seed: 3 })
  assert.equal(tpe.propose(4, []), sequence.propose(4, []))
  const told = Array.from({ length: 30 }, (_, i): Observation => {
    const point = sequence.propose(i, [])
    // whoever is not 'c' fails
    return { point, epoch: 1, cost: point.kind === 'c' ? cost(point) : Number.POSITIVE_INFINITY }
  })
  assert.equal(tpe.propose(30, told), tpe.propose(30, told))
  const kinds = Array.from({ length: 20 }, (_, i) => tpe.propose(30 + i, told).kind)
  // by chance 7 of 20
  assert.ok(kinds.filter((kind) => kind === 'c').length >= 13, String(kinds))
})

test('tpe takes who was let go on for longer as better than who was not', () => {
  const space = parseSpace({ x: { uniform: [0, 1] } })
  const tpe = sampler(space, { sampler: 'tpe', startup: 4 })
  // near 0.9 after 9 epochs; near 0.1 with a lower cost, but after 1 epoch
  const told = Array.from(
    { length: 24 },
    (_, i): Observation =>
      i % 6 === 0
        ? { point: { x: 0.88 + 0.01 * (i / 6) }, epoch: 9, cost: 5 }
        : { point: { x: 0.1 + 0.01 * i }, epoch: 1, cost: 1 },
  )
  const drawn = Array.from({ length: 10 }, (_, i) => tpe.propose(24 + i, told).x as number)
  assert.ok(drawn.filter((x) => x > 0.6).length >= 8, String(drawn))
})

test.run()
