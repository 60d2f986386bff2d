import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { UserError } from '../../src/core/errors.ts'
import { atPoint, configOf, defineSweep } from '../../src/sweep/definition.ts'
import { activeDimensions, buildPoint, fromUnit, parseSpace } from '../../src/sweep/space.ts'
import { define, refused } from './support.ts'

/** Policy noise that stays or falls. */
const noise = {
  fall: { choice: ['constant', 'falling'] },
  'algorithm.std': { logUniform: [0.01, 1] },
  'algorithm.finalStd': [
    { sameAs: 'algorithm.std', when: { fall: 'constant' } },
    { logUniform: [0.001, 0.1], when: { fall: 'falling' } },
  ],
}

test('a uniform number becomes a value of the domain: evenly, on a logarithm, in whole numbers, among choices', () => {
  const [even, log, whole, choice] = parseSpace({
    a: { uniform: [2, 4] },
    b: { logUniform: [0.01, 1] },
    c: { integer: [1, 3] },
    d: { choice: ['x', true, 7] },
  }).map(
    ({ domain }) =>
      (u: number) =>
        fromUnit(domain as never, u),
  )
  assert.is(even!(0.25), 2.5)
  // halfway between 10^-2 and 10^0 is 10^-1
  assert.is(log!(0.5), 0.1)
  // thirds of [0.5, 3.5)
  assert.equal(
    [0, 0.3, 0.34, 0.66, 0.67, 0.999].map((u) => whole!(u)),
    [1, 1, 2, 2, 3, 3],
  )
  assert.equal(
    [0, 0.34, 0.99].map((u) => choice!(u)),
    ['x', true, 7],
  )
})

test('a conditional option has a value only where its condition holds, and may be the same as another', () => {
  const space = parseSpace(noise)
  const at = (u: number) => buildPoint(space, ({ domain }) => fromUnit(domain, u))
  assert.equal(at(0), { fall: 'constant', 'algorithm.std': 0.01, 'algorithm.finalStd': 0.01 })
  assert.equal(at(0.5), { fall: 'falling', 'algorithm.std': 0.1, 'algorithm.finalStd': 0.01 })
  assert.equal(
    activeDimensions(space, at(0.5)).map(({ key }) => key),
    ['fall', 'algorithm.std', 'algorithm.finalStd/2'],
  )
})

test("a point sets a configuration's options, and the sweep's own names none", () => {
  const point = { fall: 'constant', 'algorithm.std': 0.2, 'training.learningRate': 0.01 }
  assert.equal(atPoint({ algorithm: { discount: 0.9 } }, point, 3), {
    algorithm: { discount: 0.9, std: 0.2 },
    training: { learningRate: 0.01, seed: 3 },
  })
  const { algorithm, training } = configOf(define(), point, 3)
  assert.equal([algorithm.std, training.learningRate, training.seed], [0.2, 0.01, 3])
})

test('a space that cannot be read is refused in one line that names the entry', () => {
  const entry = (raw: unknown) => () => parseSpace({ 'algorithm.std': raw })
  refused(() => parseSpace({}), /^space: expected options and what they vary over/)
  refused(entry(0.1), /^space: algorithm\.std: expected one of uniform, logUniform, .*found 0\.1$/)
  refused(entry({ unifrom: [0, 1] }), /unknown kind "unifrom"; did you mean "uniform"\?$/)
  refused(entry({ uniform: [1, 0] }), /uniform: \[1,0\] given; expected \[low, high\]$/)
  refused(entry({ logUniform: [0, 1] }), /a logarithm needs low > 0$/)
  refused(entry({ integer: [0, 1.5] }), /whole numbers$/)
  refused(entry({ choice: [] }), /expected a list/)
  refused(entry({ choice: [1, 1] }), /names a value twice$/)
  refused(entry({ uniform: [0, 1], choice: [1] }), /"uniform" and "choice" at once/)
  refused(entry({ uniform: [0, 1], when: { fall: 'x' } }), /when: fall does not stand above/)
  refused(
    () => parseSpace({ ...noise, x: { choice: [1], when: { fall: 'fallng' } } }),
    /fall is never "fallng"; did you mean "falling"\?/,
  )
  refused(() => parseSpace({ ...noise, x: { sameAs: 'algorithm.sdt' } }), /did you mean "algorithm\.std"\?/)
})

test("options are checked against the train command's own before anything runs, with the nearest name", () => {
  const over =
    (space: object, more: object = {}) =>
    () =>
      define({}, { space, ...more })
  refused(
    over({ 'algorithm.sdt': { uniform: [0.1, 1] } }),
    /^space: unknown option "algorithm\.sdt"; did you mean "algorithm\.std"\?$/,
  )
  refused(over({ 'training.learningrates': { uniform: [0.1, 1] } }), /did you mean "training\.learningRate"\?$/)
  refused(over({ 'policy.std': { uniform: [0.1, 1] } }), /unknown option "policy\.std"/)
  refused(over({ std: { uniform: [0.1, 1] } }), /"std" is an option of a group; write "algorithm\.std"$/)
  refused(over({ 'algorithm.std': { uniform: [0.1, 5] } }), /std: 5 given; .*at algorithm\.std 5$/)
  refused(over({ 'training.batchSize': { uniform: [1, 64] } }), /batchSize/)
  refused(over({ 'training.optimiser': { choice: ['adam', 'sdg'] } }), /"sdg" given/)
  refused(over({ 'training.seed': { integer: [0, 9] } }), /sweep\.seeds/)
  refused(
    over({ 'environment.id': { choice: ['probe/predicton'] } }),
    /unknown environment "probe\/predicton"; did you mean "probe\/prediction"\?/,
  )
  // `random` looks anywhere, and has no std
  const pair = { 'algorithm.name': { choice: ['reinforce', 'random'] }, 'algorithm.std': { uniform: [0.1, 1] } }
  refused(over(pair), /algorithm random: unknown option "std"/)
  const told = { ...pair, 'algorithm.std': { uniform: [0.1, 1], when: { 'algorithm.name': 'reinforce' } } }
  assert.is(over(told)().space.length, 2)
})

test('a scheduler without a budget to share out is refused', () => {
  refused(
    () => define({ scheduler: 'asha', minEpochs: 9 }),
    /minEpochs: 9 given; asha needs fewer than training\.epochs, 9/,
  )
  refused(
    () => define({ scheduler: 'asha' }, { training: { epochs: 9, evaluateEvery: 2 } }),
    /multiple of training\.evaluateEvery, 2/,
  )
  refused(
    () => define({ scheduler: 'median' }, { space: { 'training.epochs': { integer: [1, 9] } } }),
    /the budget that median shares out/,
  )
  refused(() => define({ objective: 'test' }), /^sweep: objective: "test" given/)
  refused(() => define({ trails: 9 }), /^sweep: unknown option "trails"; did you mean "trials"\?$/)
})

test('an alternative that never applies is refused', () => {
  const space = { 'algorithm.std': [{ uniform: [0.1, 1] }, { choice: [0.1] }] }
  refused(() => define({}, { space }), /^space: algorithm\.std\/2 never applies/)
  assert.instance(defineSweep({ space: noise }), Object)
  assert.throws(
    () => defineSweep({ space: undefined }),
    (error: unknown) => error instanceof UserError,
  )
})

test.run()
