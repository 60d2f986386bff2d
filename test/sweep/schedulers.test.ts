import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { sweepOptions } from '../../src/sweep/options.ts'
import { samplers } from '../../src/sweep/samplers/index.ts'
import { rungsOf } from '../../src/sweep/schedulers/asha.ts'
import { createScheduler, schedulers } from '../../src/sweep/schedulers/index.ts'
import type { Decision } from '../../src/sweep/schedulers/scheduler.ts'
import { Trials } from '../../src/sweep/trials.ts'

/** Trials by their errors after epochs 1, 2, ..., each resting after the last. */
function resting(...errors: readonly (readonly number[])[]): Trials {
  const trials = new Trials([0], 'error')
  errors.forEach((curve, i) => {
    const trial = i + 1
    trials.apply({ event: 'propose', trial, point: {} })
    trials.apply({ event: 'advance', trial, epoch: curve.length })
    curve.forEach((error, k) => {
      trials.apply({ event: 'epoch', trial, seed: 0, epoch: k + 1, validation: { error } })
    })
    if (curve.length > 0) trials.apply({ event: 'reached', trial, seed: 0, epoch: curve.length, finished: false })
  })
  return trials
}

const scheduler = (options: object) => createScheduler(sweepOptions.parse(options), 9)

/** `advance 2 to 3`. */
const said = (decision: Decision): string =>
  decision.do === 'advance'
    ? `advance ${decision.trial.trial} to ${decision.epoch}`
    : decision.do === 'stop'
      ? `stop ${decision.trial.trial}`
      : decision.do

test('rungs lie a factor apart, below the budget', () => {
  assert.equal(rungsOf({ minEpochs: 1, factor: 3 }, 27), [1, 3, 9])
  assert.equal(rungsOf({ minEpochs: 2, factor: 4 }, 30), [2, 8])
})

test('asha promotes the best third of a rung, from the highest rung down', () => {
  const asha = scheduler({ scheduler: 'asha', factor: 3 })
  assert.is(asha.firstEpoch, 1)
  const ask = (...errors: readonly number[][]) => said(asha.decide(resting(...errors), true, false))
  // two at the rung: a third of them is nobody
  assert.is(ask([50], [40]), 'propose')
  // of three, one: the best
  assert.is(ask([50], [40], [60]), 'advance 2 to 3')
  // it has gone on, and is still the best of the three: nobody else may yet
  assert.is(ask([50], [40, 30, 20], [60]), 'propose')
  // of six, two: the second best goes on
  assert.is(ask([50], [40, 30, 20], [60], [45], [70], [80]), 'advance 4 to 3')
  // of three at the second rung the best goes on to the end, before anyone at the first
  const three = [[50], [40, 30, 20], [60], [45, 9, 9], [70], [80], [35, 10, 10], [90], [91], [92], [93], [94]]
  assert.is(ask(...three), 'advance 4 to 9')
  // what counts at a rung is the best up to it: 60, however good it became later
  assert.is(ask([50], [40], [60, 10, 5]), 'advance 2 to 3')
})

test('asha without more points waits for who runs, trains the leader to the end, and stops the others', () => {
  const asha = scheduler({ scheduler: 'asha', factor: 3 })
  assert.is(said(asha.decide(resting([50], [40]), false, true)), 'wait')
  assert.is(said(asha.decide(resting([50], [40]), false, false)), 'advance 2 to 3')
  assert.is(said(asha.decide(resting([50], [40, 40, 40]), false, false)), 'advance 2 to 9')
  const trials = resting([50], [40, 40, 40])
  trials.apply({ event: 'end', trial: 2, outcome: 'complete', epoch: 9 })
  assert.is(said(asha.decide(trials, false, false)), 'stop 1')
  assert.is(said(asha.decide(resting([Number.NaN]), false, false)), 'stop 1')
  assert.is(said(asha.decide(resting(), false, false)), 'wait')
})

test('asha promotes nobody without a value', () => {
  const asha = scheduler({ scheduler: 'asha', factor: 2 })
  assert.is(said(asha.decide(resting([Number.NaN], [Number.NaN], [Number.NaN]), true, false)), 'propose')
})

test("median stops who is worse at its best than the median of the others' running averages", () => {
  const median = scheduler({ scheduler: 'median', minEpochs: 2, minTrials: 3 })
  assert.is(median.firstEpoch, 2)
  const ask = (...errors: readonly number[][]) => said(median.decide(resting(...errors), true, false))
  // the others' averages up to epoch 2 are 30 and 40: two are too few to judge by
  assert.is(ask([60, 50], [40, 20], [50, 30]), 'advance 1 to 4')
  // 30, 40 and 45: the median is 40; 41 is worse, 39 is not
  assert.is(ask([60, 41], [40, 20], [50, 30], [60, 30]), 'stop 1')
  assert.is(ask([60, 39], [40, 20], [50, 30], [60, 30]), 'advance 1 to 4')
  // what the others reported counts, not their best so far: 20 and then 60 is 40 on average, and 39 is better than the median
  // of 30, 40 and 45; were it 20, the median would be 30
  assert.is(ask([60, 39], [20, 60], [40, 20], [60, 30]), 'advance 1 to 4')
  // and no more than what they reported up to that epoch: 40, whatever came of them later
  assert.is(ask([60, 41], [20, 60, 1, 1], [40, 20], [60, 30]), 'stop 1')
  // an epoch without a value counts for nothing
  assert.is(ask([60, 41], [Number.NaN, 40], [40, 20], [60, 30]), 'stop 1')
  // the last verdict is at the budget
  assert.is(ask([9, 9, 9, 9, 9, 9, 9, 9]), 'advance 1 to 9')
})

test('the running average of several seeds is that of their mean at each epoch', () => {
  const trials = new Trials([3, 4], 'error')
  const curves = [
    [
      [50, 41],
      [50, 41],
    ],
    // the means at epochs 1 and 2 are 30 and 50, on average 40; the best so far would be 30 and 25
    [
      [10, 60],
      [50, 40],
    ],
  ]
  curves.forEach((runs, i) => {
    trials.apply({ event: 'propose', trial: i + 1, point: {} })
    trials.apply({ event: 'advance', trial: i + 1, epoch: 2 })
    runs.forEach((curve, k) => {
      const seed = 3 + k
      curve.forEach((error, e) => {
        trials.apply({ event: 'epoch', trial: i + 1, seed, epoch: e + 1, validation: { error } })
      })
      trials.apply({ event: 'reached', trial: i + 1, seed, epoch: 2, finished: false })
    })
  })
  const median = scheduler({ scheduler: 'median', minEpochs: 2, minTrials: 1 })
  assert.is(said(median.decide(trials, true, false)), 'stop 1')
  trials.apply({ event: 'epoch', trial: 1, seed: 3, epoch: 2, validation: { error: 38 } })
  assert.is(said(median.decide(trials, true, false)), 'advance 1 to 4')
})

test('every sampler and scheduler has options of its own, in the group of all of them', () => {
  const tables: Record<string, { readonly options: object }> = { ...samplers, ...schedulers }
  const own = Object.values(tables).flatMap(({ options }) => Object.keys(options))
  assert.is(new Set(own).size, own.length)
  for (const name of own) assert.ok(name in sweepOptions.shape, name)
  assert.equal(sweepOptions.shape.sampler.def.innerType.options, Object.keys(samplers))
  assert.equal(sweepOptions.shape.scheduler.def.innerType.options, Object.keys(schedulers))
})

test('nobody is stopped where there is no scheduler', () => {
  const none = scheduler({})
  assert.is(none.firstEpoch, 9)
  assert.is(said(none.decide(resting(), true, true)), 'propose')
  assert.is(said(none.decide(resting(), false, true)), 'wait')
})

test('a trial of several seeds is judged by their mean, and only where all of them have a value', () => {
  const trials = new Trials([3, 4], 'error')
  trials.apply({ event: 'propose', trial: 1, point: {} })
  trials.apply({ event: 'advance', trial: 1, epoch: 2 })
  const [trial] = trials.all
  const tell = (seed: number, epoch: number, error: number) =>
    trials.apply({ event: 'epoch', trial: 1, seed, epoch, validation: { error } })
  tell(3, 1, 30)
  tell(3, 2, 40)
  assert.is(trials.cost(trial!), Number.POSITIVE_INFINITY)
  tell(4, 1, 20)
  tell(4, 2, 10)
  // the best of seed 3 is 30, of seed 4 is 10
  assert.is(trials.cost(trial!), 20)
  assert.is(trials.cost(trial!, 1), 25)
  trials.apply({ event: 'reached', trial: 1, seed: 3, epoch: 2, finished: false })
  assert.equal(trials.resting(), [])
  trials.apply({ event: 'reached', trial: 1, seed: 4, epoch: 2, finished: false })
  assert.equal(trials.resting(), [trial])
})

test('of returns, more is better', () => {
  const trials = new Trials([0], 'return')
  trials.apply({ event: 'propose', trial: 1, point: {} })
  trials.apply({ event: 'epoch', trial: 1, seed: 0, epoch: 1, validation: { return: 0.2 } })
  trials.apply({ event: 'epoch', trial: 1, seed: 0, epoch: 2, validation: { return: 0.7 } })
  assert.equal(trials.values(trials.all[0]!), [0.7])
  assert.is(trials.cost(trials.all[0]!), -0.7)
})

test.run()
