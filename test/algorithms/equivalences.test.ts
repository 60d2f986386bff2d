// Algorithms that must agree where their ideas coincide, and what a learner does for those that learn several times.

import { abs, cast, mean, reshape, type Scalar, square, sub, sum } from '@tensorflow/tfjs-core'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { z } from 'zod'
import type { Algorithm } from '../../src/algorithms/algorithm.ts'
import { registerAlgorithm } from '../../src/algorithms/registry.ts'
import { lengthOf } from '../../src/core/tensors.ts'
import { selectEngine } from '../../src/engine/select.ts'
import { completeConfig, type PartialConfig } from '../../src/runs/config.ts'
import { AllReduce, allocateShared } from '../../src/training/all-reduce.ts'
import { Learner } from '../../src/training/learner.ts'
import { createPlan, firstVectors } from '../../src/training/plan.ts'
import { Laboratory, parametersOf, tinyPlan } from './laboratory.ts'

/** The parameters after the iterations of one epoch in the tiny world, and each iteration's metrics. */
async function trained(given: PartialConfig) {
  const config = completeConfig({
    environment: { id: 'test/tiny', ...given.environment },
    agent: { whatUnits: 4, whereUnits: 3, featureUnits: 6, hiddenUnits: 6, locatorUnits: 5 },
    algorithm: given.algorithm ?? {},
    training: { epochs: 1, batchSize: 3, optimiser: 'sgd', learningRate: 0.1, ...given.training },
  })
  const length = lengthOf(createPlan(config).agent.layout)
  const { engine } = await selectEngine('cpu')
  const learner = new Learner(config, engine, new AllReduce(allocateShared(1, length), 0))
  learner.write(firstVectors(config, learner.plan), 0)
  const sums = (await learner.train(0, 0, 2)).map((report) => report.sums)
  const { vectors, steps } = await learner.read()
  return { parameters: vectors.parameters!, sums, steps }
}

const largestDifference = (a: Float32Array, b: Float32Array): number =>
  a.reduce((largest, x, i) => Math.max(largest, Math.abs(x - b[i]!)), 0)

test('ppo with one pass over the whole batch makes the update of a2c, whatever the clip', async () => {
  for (const environment of [{ reward: 'gain' }, { reward: 'gain', stop: true }])
    for (const supervision of ['last', 'none']) {
      const algorithm = { supervision, policyWeight: 1, entropyWeight: 0.1 }
      const a2c = await trained({ environment, algorithm: { name: 'a2c', ...algorithm } })
      const ppo = await trained({
        environment,
        algorithm: { name: 'ppo', ...algorithm, updateEpochs: 1, minibatches: 1 },
      })
      assert.is(ppo.steps, 2)
      assert.ok(largestDifference(a2c.parameters, ppo.parameters) < 1e-6)
      const other = await trained({ environment, algorithm: { name: 'reinforce', supervision, policyWeight: 1 } })
      assert.ok(largestDifference(a2c.parameters, other.parameters) > 1e-4, 'any two would agree: nothing was tested')
    }
})

test('a2c that looks ahead to the end, without entropy, makes the update of reinforce', async () => {
  const environment = { reward: 'gain', glimpsePrice: 0.1, stop: true }
  const a2c = await trained({ environment, algorithm: { name: 'a2c', lambda: 1, entropyWeight: 0, discount: 0.9 } })
  const reinforce = await trained({ environment, algorithm: { name: 'reinforce', discount: 0.9 } })
  assert.ok(largestDifference(a2c.parameters, reinforce.parameters) < 1e-6)
})

test('acting and learning in one program has the gradient of learning from what was played', async () => {
  for (const name of ['reinforce', 'a2c', 'rloo']) {
    const plan = tinyPlan({ environment: { reward: 'gain', stop: true }, algorithm: { name } })
    const laboratory = await Laboratory.open(plan)
    const parameters = parametersOf(plan)
    const once = await laboratory.learn(parameters)
    const again = await laboratory.relearn(parameters, await laboratory.play(parameters))
    assert.ok(largestDifference(once.gradient, again.gradient) < 1e-6, name)
  }
})

test('the losses of a batch cut in two average to that of the whole', async () => {
  for (const name of ['reinforce', 'a2c', 'ppo', 'rloo', 'random']) {
    const environment = { reward: 'gain', stop: true }
    const plan = tinyPlan({ environment, algorithm: { name }, training: { rollouts: 2 } })
    const parameters = parametersOf(plan)
    const whole = await Laboratory.open(plan, [0, 1, 2, 3])
    const played = await whole.play(parameters)
    const { gradient } = await whole.relearn(parameters, played)
    const halves = await Promise.all(
      [0, 4].map((from) => whole.relearn(parameters, played, [from, from + 1, from + 2, from + 3])),
    )
    const average = halves[0]!.gradient.map((x, i) => (x + halves[1]!.gradient[i]!) / 2)
    assert.ok(largestDifference(gradient, average) < 1e-6, name)
  }
})

/** Learns several times, and reports by how much the classes of rollouts differ that should be of one item. */
registerAlgorithm({
  name: 'test/together',
  description: 'checks that the rollouts of an item stay together',
  options: z.strictObject({}),
  create: (): Algorithm => ({
    name: 'test/together',
    supervision: 'last',
    updates: { updateEpochs: 3, minibatches: 2 },
    scalars: () => ({ std: 0.1 }),
    loss(outputs, { target, rollouts }) {
      const groups = reshape(cast(target!, 'float32'), [-1, rollouts])
      const mixed = sum(abs(sub(groups, mean(groups, 1, true)))) as Scalar
      return { loss: mean(square(outputs.value)), metrics: { mixed } }
    },
  }),
})

test('minibatches keep the rollouts of an item together, in every pass', async () => {
  const { sums, steps } = await trained({ algorithm: { name: 'test/together' }, training: { rollouts: 2 } })
  assert.equal(
    sums.map(({ mixed }) => mixed),
    [0, 0],
  )
  assert.is(steps, 2 * 3 * 2) // iterations x passes x minibatches
})

test('a divergence above the limit ends the passes before its step; the next trajectory begins them anew', async () => {
  const algorithm = { name: 'ppo', updateEpochs: 4, minibatches: 3, policyWeight: 1 }
  const environment = { reward: 'gain' }
  assert.is((await trained({ environment, algorithm })).steps, 2 * 4 * 3)
  // the first minibatch of a trajectory has not diverged, the second has
  assert.is((await trained({ environment, algorithm: { ...algorithm, targetKl: 1e-12 } })).steps, 2)
})

test('minibatches that no item is left for take no step', async () => {
  const { steps } = await trained({ algorithm: { name: 'ppo', updateEpochs: 2, minibatches: 100 } })
  assert.is(steps, 2 * 2 * 3) // iterations x passes x items of a batch
})

test('rloo asks for several rollouts of an item by default, and says so when it is given one', () => {
  const chosen = { environment: { id: 'test/tiny' }, algorithm: { name: 'rloo' } }
  assert.is(completeConfig(chosen).training.rollouts, 4)
  const config = completeConfig({ ...chosen, training: { rollouts: 1 } })
  assert.throws(() => createPlan(config), /algorithm rloo: rollouts 1 given; .* add --rollouts 2/)
})

test.run()
