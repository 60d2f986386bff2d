// Predictions of several classes and of coordinates: taught in every way, and evaluated with figures that are worked out
// here once more, episode by episode.

import { test } from 'uvu'
import * as assert from 'uvu/assert'
import '../algorithms/laboratory.ts'
import './worlds.ts'
import { Rng } from '../../src/core/rng.ts'
import { lengthOf } from '../../src/core/tensors.ts'
import { selectEngine } from '../../src/engine/select.ts'
import { completeConfig, type PartialConfig } from '../../src/runs/config.ts'
import { AllReduce, allocateShared } from '../../src/training/all-reduce.ts'
import { EpisodeBatch } from '../../src/training/episode-batch.ts'
import {
  type EvaluationCounts,
  errorsOf,
  evaluateBatches,
  evaluationItems,
  measureOf,
  mergeCounts,
} from '../../src/training/evaluation.ts'
import { Learner } from '../../src/training/learner.ts'
import { createPlan, firstVectors } from '../../src/training/plan.ts'
import { trainOnce } from './help.ts'

const agent = { whatUnits: 24, whereUnits: 4, featureUnits: 24, hiddenUnits: 24, locatorUnits: 4 }

const trained = (id: string, algorithm: Readonly<Record<string, unknown>>, epochs: number) =>
  trainOnce(
    completeConfig({
      environment: { id },
      agent,
      algorithm: { name: 'reinforce', ...algorithm },
      training: {
        ...{ epochs, batchSize: 25, learningRate: 1e-2, workers: 1, engine: 'wasm' },
        ...{ evaluateEvery: epochs, evaluationRollouts: 2 },
      },
    }),
  )

for (const supervision of ['last', 'every', 'rising'])
  test(`several classes are learned at once, supervised ${supervision}`, async () => {
    const { summary, records } = await trained('test/pair-of-shades', { supervision }, 20)
    assert.is(summary!.measure, 'error')
    // both wrong or one: at first five in six
    assert.ok(summary!.testError.greedy < 10, `${summary!.testError.greedy}`)
    assert.ok(records.at(-1)!.train.accuracy! > 0.9, `${records.at(-1)!.train.accuracy}`)
  })

test('several classes are learned by reward alone', async () => {
  const given = { supervision: 'none', name: 'a2c', policyWeight: 1, normaliseAdvantages: true }
  const { summary } = await trained('test/pair-of-shades', given, 60)
  assert.ok(summary!.testError.greedy < 40, `${summary!.testError.greedy}`)
})

for (const supervision of ['every', 'rising'])
  test(`coordinates are learned, supervised ${supervision}`, async () => {
    const { summary, records } = await trained('test/two-lights', { supervision }, 20)
    assert.is(summary!.measure, 'distance')
    // the mean distance of a random place from the middle is 0.77
    assert.ok(summary!.testError.greedy < 0.2, `${summary!.testError.greedy}`)
    assert.ok(records.at(-1)!.train.distance! < 0.3, `${records.at(-1)!.train.distance}`)
  })

/** A learner of one worker with parameters that nobody has trained, bold enough for predictions to differ. */
async function untrained(given: PartialConfig): Promise<Learner> {
  const config = completeConfig({ agent, training: { seed: 3 }, ...given })
  const { layout } = createPlan(config).agent
  const { engine } = await selectEngine('cpu')
  const learner = new Learner(config, engine, new AllReduce(allocateShared(1, lengthOf(layout)), 0))
  const vectors = firstVectors(config, learner.plan)
  vectors.parameters = vectors.parameters!.map((x) => 3 * x)
  learner.write(vectors, 0)
  return learner
}

const rollouts = 3
const std = 0.8

/** Every rollout of an item, played by itself: what was put out last, and what was paid. */
async function playItem(learner: Learner, item: number, greedy: boolean, times: number) {
  const plan = { ...learner.plan, environment: learner.environment('test') }
  const items = Int32Array.from({ length: times }, () => item)
  const streams = Array.from(items, (_, r) => Rng.of(0, 'evaluate', 'test', 'policy', item, r))
  const episodes = new EpisodeBatch(
    plan,
    { greedy, std, drawPredictions: !plan.spec.supervised, streams },
    { seed: Rng.of(0, 'evaluate', 'test').next(), items },
  )
  await learner.play(episodes, { plan })
  const n = episodes.lastPredictionOutputs().length / times
  const rows = Array.from({ length: times }, (_, r) => [...episodes.lastPredictionOutputs().slice(r * n, (r + 1) * n)])
  const size = episodes.target!.length / times
  return { rows, target: [...episodes.target!.slice(0, size)], paid: [...episodes.returns()] }
}

const softmax = (logits: readonly number[]): number[] => {
  const weights = logits.map(Math.exp)
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  return weights.map((weight) => weight / total)
}
const mean = (rows: readonly (readonly number[])[]): number[] =>
  rows[0]!.map((_, i) => rows.reduce((sum, row) => sum + row[i]!, 0) / rows.length)
const argMax = (row: readonly number[]): number => row.indexOf(Math.max(...row))
const distance = (a: readonly number[], b: readonly number[]): number => Math.hypot(...a.map((x, i) => x - b[i]!))

async function evaluated(learner: Learner, greedy: boolean, items?: number): Promise<EvaluationCounts> {
  const request = { split: 'test', greedy, rollouts: greedy ? 1 : rollouts, std, averaged: false, items } as const
  return mergeCounts([await evaluateBatches(learner, request, 0, 1)])
}

/** Places of a prediction's logits, each judged by itself. */
const placesOf = (ns: readonly number[], row: readonly number[]): number[][] =>
  ns.map((n, place) => {
    const from = ns.slice(0, place).reduce((sum, each) => sum + each, 0)
    return row.slice(from, from + n)
  })

for (const [id, ns, items] of [
  ['test/tiny', [3], 6],
  ['test/pair-of-shades', [2, 3], 40],
] as const)
  test(`errors of ${ns.length > 1 ? 'several classes' : 'a class'} are percents of episodes, and of items by the mean of their probabilities`, async () => {
    const learner = await untrained({ environment: { id } })
    const [greedy, sampled] = [await evaluated(learner, true, items), await evaluated(learner, false, items)]
    const right = (target: readonly number[], probabilities: readonly (readonly number[])[]): boolean =>
      probabilities.every((place, i) => argMax(place) === target[i])
    let [wrongGreedy, wrongSampled, wrongAveraged] = [0, 0, 0]
    const { itemCount } = learner.environment('test')
    for (const item of evaluationItems(itemCount, 'test', items)) {
      const once = await playItem(learner, item, true, 1)
      if (!right(once.target, placesOf(ns, once.rows[0]!).map(softmax))) wrongGreedy++
      const { rows, target } = await playItem(learner, item, false, rollouts)
      const beliefs = rows.map((row) => placesOf(ns, row).map(softmax))
      wrongSampled += beliefs.filter((belief) => !right(target, belief)).length
      if (
        !right(
          target,
          ns.map((_, place) => mean(beliefs.map((belief) => belief[place]!))),
        )
      )
        wrongAveraged++
    }
    assert.equal(
      [greedy.items, greedy.episodes, sampled.items, sampled.episodes],
      [items, items, items, items * rollouts],
    )
    assert.ok(wrongAveraged > 0 && wrongAveraged < items, 'else nothing is tested')
    const round = (x: number): number => Math.round(x * 1e4) / 1e4
    assert.equal(errorsOf(greedy, sampled, measureOf(learner.plan.environment, true)), {
      greedy: round((100 * wrongGreedy) / items),
      sampled: round((100 * wrongSampled) / (items * rollouts)),
      averaged: round((100 * wrongAveraged) / items),
    })
  })

test('distances of coordinates are means over episodes, and over items from the mean of what their rollouts say', async () => {
  const learner = await untrained({ environment: { id: 'test/two-lights' } })
  const items = 30
  const [greedy, sampled] = [await evaluated(learner, true, items), await evaluated(learner, false, items)]
  let [far, farAveraged, farGreedy, paid] = [0, 0, 0, 0]
  for (const item of evaluationItems(200, 'test', items)) {
    const once = await playItem(learner, item, true, 1)
    farGreedy += distance(once.rows[0]!, once.target)
    const { rows, target, paid: each } = await playItem(learner, item, false, rollouts)
    for (const row of rows) far += distance(row, target)
    farAveraged += distance(mean(rows), target)
    paid += each.reduce((sum, value) => sum + value, 0)
  }
  const found = errorsOf(greedy, sampled, measureOf(learner.plan.environment, true))
  const expected = { greedy: farGreedy / items, sampled: far / (items * rollouts), averaged: farAveraged / items }
  for (const name of ['greedy', 'sampled', 'averaged'] as const)
    assert.ok(Math.abs(found[name] - expected[name]) < 2e-4, `${name}: ${found[name]}, expected ${expected[name]}`)
  assert.ok(expected.averaged < expected.sampled - 1e-3, 'else nothing is tested')
  assert.ok(Math.abs(sampled.return - paid) < 1e-2)
})

test('where returns are a success rate the figure is a failure rate, elsewhere it is the mean return', () => {
  const space = { predictionSpace: undefined, returnRange: [0, 1] } as unknown as Parameters<typeof measureOf>[0]
  assert.is(measureOf(space, false), 'failure')
  assert.is(measureOf({ ...space, returnRange: [0, 2] }, false), 'return')
  const { returnRange: _, ...unknown } = space
  assert.is(measureOf(unknown, false), 'return')
  const counts = { items: 2, episodes: 4, wrong: 0, wrongAveraged: 0, distance: 0, distanceAveraged: 0, glimpses: 8 }
  // 3 of 4 won: 25 % failed; averaging has nothing to average
  assert.equal(errorsOf({ ...counts, return: 3 }, { ...counts, return: 1 }, 'failure'), {
    ...{ greedy: 25, sampled: 75, averaged: 75 },
  })
  assert.equal(errorsOf({ ...counts, return: 30 }, { ...counts, return: -10 }, 'return'), {
    ...{ greedy: 7.5, sampled: -2.5, averaged: -2.5 },
  })
})

test('an evaluation of some items plays a random sample of them, the same for every run, another for every part', () => {
  const sample = [...evaluationItems(1000, 'test', 50)]
  assert.equal(sample, [...evaluationItems(1000, 'test', 50)])
  assert.not.equal(sample, [...evaluationItems(1000, 'validation', 50)])
  assert.is(new Set(sample).size, 50)
  assert.equal(
    sample,
    [...sample].sort((a, b) => a - b),
  )
  assert.ok(sample.at(-1)! > 800 && sample.at(-1)! < 1000, 'not the first 50')
  assert.equal([...evaluationItems(3, 'test', 50)], [0, 1, 2])
  assert.equal([...evaluationItems(3, 'test')], [0, 1, 2])
  assert.is(evaluationItems(Infinity, 'test').length, 1000)
  assert.is(evaluationItems(Infinity, 'test', 7).length, 7)
})

test.run()
