// Episodes that were cut off: bootstrapped from the value of their last observation, by every algorithm, through the programs
// that a training runs.

import { add, mul, sum } from '@tensorflow/tfjs-core'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { Algorithm } from '../../src/algorithms/algorithm.ts'
import type { PartialConfig } from '../../src/runs/config.ts'
import type { EpisodeBatch } from '../../src/training/episode-batch.ts'
import { Laboratory, largestByNetwork, parametersOf, tinyPlan } from './laboratory.ts'

const cutOff: PartialConfig['environment'] = { id: 'test/cut-off', reward: 'gain' }
const algorithms = ['reinforce', 'a2c', 'ppo', 'rloo', 'random']

const gap = (a: Float32Array, b: Float32Array): number =>
  a.reduce((largest, x, i) => Math.max(largest, Math.abs(x - b[i]!)), 0)

test('the value that an episode goes on with is that of the observation after its last step', async () => {
  const plan = tinyPlan({ environment: cutOff })
  const laboratory = await Laboratory.open(plan)
  const played = await laboratory.play(parametersOf(plan))
  const seen = [...played.observations, played.observation]
  const { value } = await laboratory.unroll(parametersOf(plan), { observations: seen } as EpisodeBatch)
  assert.is(seen.length, 4)
  assert.equal([...played.lastValue!], [...value!.subarray(3 * played.batch)])
  // where it looked last is where it was told to look
  const { location } = played.observation
  for (const [i, x] of location.entries()) {
    const told = played.fields['drawn.location']![2 * 2 * played.batch + i]!
    assert.ok(Math.abs(x - Math.min(Math.max(told, -1), 1)) < 1e-6)
  }
})

for (const name of algorithms) {
  const given: PartialConfig = { environment: cutOff, algorithm: { name }, training: { rollouts: 2 } }

  test(`${name}: whether an episode was truncated or terminated changes the gradient that is learned from`, async () => {
    const plan = tinyPlan(given)
    const laboratory = await Laboratory.open(plan)
    const parameters = parametersOf(plan)
    const once = await laboratory.learn(parameters)
    const terminated = await laboratory.learn(parameters, {
      change: (episodes) => {
        assert.ok(
          episodes.fields.truncated!.subarray(2 * episodes.batch).every((flag) => flag === 1),
          'all were cut off',
        )
        episodes.fields.truncated!.fill(0)
        return episodes
      },
    })
    assert.ok(gap(once.gradient, terminated.gradient) > 1e-4)
    assert.ok(Math.abs(once.metrics.baseline! - (terminated.metrics.baseline ?? 0)) > 1e-4)
  })

  test(`${name}: acting and learning in one program has the gradient of learning from what was cut off`, async () => {
    const plan = tinyPlan(given)
    const laboratory = await Laboratory.open(plan)
    const parameters = parametersOf(plan)
    const played = await laboratory.play(parameters)
    const [once, again] = [await laboratory.learn(parameters), await laboratory.relearn(parameters, played)]
    assert.ok(gap(once.gradient, again.gradient) < 1e-6)
    // and the value that it goes on with is a part of it
    played.lastValue!.fill(3)
    assert.ok(gap((await laboratory.relearn(parameters, played)).gradient, again.gradient) > 1e-3)
  })
}

test('the value that an episode goes on with is a constant: no gradient flows into it', async () => {
  for (const name of ['reinforce', 'ppo']) {
    const whole = tinyPlan({ environment: cutOff, algorithm: { name } })
    const algorithm: Algorithm = {
      ...whole.algorithm,
      loss: (outputs, { lastValue }) => ({ loss: add(mul(sum(outputs.value), 0), sum(lastValue!)), metrics: {} }),
    }
    const plan = { ...whole, algorithm }
    const laboratory = await Laboratory.open(plan)
    const { gradient, metrics } = await laboratory.learn(parametersOf(plan))
    assert.ok(Math.abs(metrics.loss!) > 1e-3)
    for (const [network, size] of Object.entries(largestByNetwork(plan, gradient))) assert.is(size, 0, network)
  }
})

test('the place that a truncated episode looked at last is learned from; of a terminated one it has no part', async () => {
  for (const [id, counts] of [
    ['test/cut-off', true],
    ['test/tiny', false],
  ] as const) {
    const plan = tinyPlan({ environment: { id, reward: 'gain' }, algorithm: { name: 'reinforce', policyWeight: 1 } })
    const laboratory = await Laboratory.open(plan)
    const elsewhere = (by: number) =>
      laboratory.learn(parametersOf(plan), {
        change: (episodes) => {
          const last = episodes.fields['drawn.location']!.subarray(2 * 2 * episodes.batch)
          for (const [i, x] of last.entries()) last[i] = x + by
          return episodes
        },
      })
    const difference = gap((await elsewhere(0)).gradient, (await elsewhere(0.1)).gradient)
    assert.is(difference > 1e-4, counts, `${id}: ${difference}`)
  }
})

test('an agent may stop at the last step of a world that cuts off, and learns from it', async () => {
  const environment = { id: 'test/cut-off', stop: true, reward: 'gain' }
  const plan = tinyPlan({ environment, algorithm: { name: 'reinforce', policyWeight: 1 }, training: { rollouts: 40 } })
  const laboratory = await Laboratory.open(plan)
  const parameters = parametersOf(plan)
  let ends: number[] = []
  await laboratory.learn(parameters, {
    change: (episodes) => {
      const { batch, fields } = episodes
      const [stop, running] = [fields['drawn.stop']!, fields.running!]
      ends = Array.from({ length: batch }, (_, b) => 2 * batch + b).filter((row) => running[row] && stop[row])
      for (const row of ends) assert.is(fields.truncated![row], 0, 'it has ended by itself')
      return episodes
    },
  })
  // about 1 in 20 of the 240 episodes stops at each step
  assert.ok(ends.length >= 2, `${ends.length} stopped at the last step`)
})

test.run()
