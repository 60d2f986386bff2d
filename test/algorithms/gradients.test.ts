// Which network each loss moves, and that every gradient is the loss's slope: through the real programs and the plain
// JavaScript engine, on an agent small enough to try every parameter.

import { add, mean, mul, sum } from '@tensorflow/tfjs-core'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { Algorithm, Loss } from '../../src/algorithms/algorithm.ts'
import { Rng } from '../../src/core/rng.ts'
import { sizeOf } from '../../src/core/tensors.ts'
import type { PartialConfig } from '../../src/runs/config.ts'
import { Laboratory, largestByNetwork, parametersOf, tinyPlan } from './laboratory.ts'

/** The tiny plan, its algorithm left with one term of its loss. */
async function moved(term: string, given: PartialConfig): Promise<Record<string, number>> {
  const whole = tinyPlan(given)
  const algorithm: Algorithm = {
    ...whole.algorithm,
    loss: (...args) => ({ loss: whole.algorithm.loss(...args).metrics[term]!, metrics: {} }) satisfies Loss,
  }
  const plan = { ...whole, algorithm }
  const laboratory = await Laboratory.open(plan)
  const { gradient } = await laboratory.learn(parametersOf(plan, 3))
  return largestByNetwork(plan, gradient)
}

/** Exactly these networks have a gradient, and not a vanishing one. */
function assertMoves(largest: Record<string, number>, ...networks: string[]): void {
  for (const [network, size] of Object.entries(largest))
    if (networks.includes(network)) assert.ok(size > 1e-4, `${network} should move: its largest gradient is ${size}`)
    else assert.is(size, 0, `${network} should not move`)
}

const names = ['reinforce', 'a2c', 'ppo', 'rloo']
/** Rewards that differ between any two rollouts, so that no advantage is 0. */
const gain = { reward: 'gain' }
const withStop = { ...gain, glimpsePrice: 0.05, stop: true }

for (const name of names)
  for (const core of ['rnn', 'lstm']) {
    const given: PartialConfig = { environment: gain, algorithm: { name }, agent: { core } }

    test(`${name}, ${core}: the supervised loss moves glimpse, core and prediction, and not the location network`, async () => {
      assertMoves(await moved('supervised', given), 'glimpse', 'core', 'prediction')
    })

    test(`${name}, ${core}: the policy's loss for locations moves the location network only`, async () => {
      assertMoves(await moved('policy', given), 'location')
    })
  }

test('a locator that sees for itself, and moves from where it is, keeps to the same contract', async () => {
  const given: PartialConfig = { environment: gain, agent: { locatorSees: true, locationMode: 'relative' } }
  assertMoves(await moved('supervised', given), 'glimpse', 'core', 'prediction')
  assertMoves(await moved('policy', given), 'location')
})

test('the upper layer of a dram, and the context that starts it, learn from the policy, the lower from predictions', async () => {
  const given: PartialConfig = { environment: { ...gain, contextSide: 3 }, agent: { core: 'dram' } }
  assertMoves(await moved('supervised', given), 'glimpse', 'core', 'prediction')
  assertMoves(await moved('policy', given), 'location', 'upperCore', 'context')
  const attached = { ...given, agent: { core: 'dram', detach: 'none' } }
  assertMoves(await moved('policy', attached), 'location', 'upperCore', 'context', 'core', 'glimpse')
})

for (const name of names) {
  test(`${name}: with a stop head the policy's loss moves it too, and nothing else`, async () => {
    assertMoves(await moved('policy', { environment: withStop, algorithm: { name } }), 'location', 'stop')
  })

  test(`${name}: without supervision the policy's loss teaches the prediction, through core and glimpse`, async () => {
    const given = { environment: gain, algorithm: { name, supervision: 'none' } }
    assertMoves(await moved('policy', given), 'location', 'prediction', 'core', 'glimpse')
  })

  test(`${name}: heads that are not detached teach the core too`, async () => {
    const given = { environment: gain, algorithm: { name }, agent: { detach: 'none' } }
    assertMoves(await moved('policy', given), 'location', 'core', 'glimpse')
  })
}

for (const name of ['reinforce', 'a2c', 'ppo', 'random'])
  test(`${name}: the baseline's loss moves the baseline only`, async () => {
    assertMoves(await moved('baseline', { algorithm: { name } }), 'baseline')
  })

test('where the locator alone is detached, the baseline teaches the core and the locator does not', async () => {
  const given: PartialConfig = { environment: gain, agent: { detach: 'locator' } }
  assertMoves(await moved('baseline', given), 'baseline', 'core', 'glimpse')
  assertMoves(await moved('policy', given), 'location')
})

test('a2c: entropy moves what stops', async () => {
  assertMoves(await moved('entropy', { algorithm: { name: 'a2c' }, environment: withStop }), 'stop')
})

test('what was put out at the time is a constant: no gradient flows into it', async () => {
  const whole = tinyPlan({ environment: withStop })
  const algorithm: Algorithm = {
    ...whole.algorithm,
    loss: (outputs, { old: { value, heads } }) => ({
      loss: add(
        mul(sum(outputs.value), 0),
        add(add(mean(value), sum(heads.location!)), add(sum(heads.prediction!), sum(heads.stop!))),
      ),
      metrics: {},
    }),
  }
  const plan = { ...whole, algorithm }
  const { gradient } = await (await Laboratory.open(plan)).learn(parametersOf(plan))
  assertMoves(largestByNetwork(plan, gradient))
})

/** Every kind of loss term, under every algorithm; heads attached, so that every path has a slope. */
const cases: Record<string, PartialConfig> = {
  reinforce: { algorithm: { name: 'reinforce' } },
  'reinforce, lstm': { algorithm: { name: 'reinforce' }, agent: { core: 'lstm' } },
  'reinforce, dram from a context': {
    algorithm: { name: 'reinforce' },
    environment: { contextSide: 3 },
    agent: { core: 'dram' },
  },
  'reinforce without supervision': { algorithm: { name: 'reinforce', supervision: 'none' } },
  'a2c with a stop head, supervised at every step': {
    algorithm: { name: 'a2c', supervision: 'every', lambda: 0.7, discount: 0.9, entropyWeight: 0.3 },
    environment: withStop,
  },
  'a2c without supervision, normalised': {
    algorithm: { name: 'a2c', supervision: 'none', entropyWeight: 0.3, normaliseAdvantages: true },
  },
  'ppo with a stop head': { algorithm: { name: 'ppo', valueClipRange: 0.02, clipRange: 0.05 }, environment: withStop },
  'ppo without supervision': { algorithm: { name: 'ppo', supervision: 'none', clipRange: 0.05 } },
  'reinforce, supervised ever more, with a locator that sees and moves': {
    algorithm: { name: 'reinforce', supervision: 'rising' },
    agent: { locatorSees: true, locationMode: 'relative', glimpseGain: 2, whatLayers: 2 },
  },
  rloo: { algorithm: { name: 'rloo' }, environment: withStop, training: { rollouts: 2 } },
  'rloo, group-normalised': { algorithm: { name: 'rloo', against: 'group' }, training: { rollouts: 3 } },
}

/** A wide policy and a weighty one, so that no term's slope is lost beside another's. */
const bold = { std: 0.4, finalStd: 0.4, policyWeight: 1 }

for (const [title, given] of Object.entries(cases))
  test(`${title}: the gradient is the slope of the loss along any direction of each parameter`, async () => {
    const algorithm = { ...bold, ...given.algorithm }
    const plan = tinyPlan({ environment: gain, ...given, agent: { ...given.agent, detach: 'none' }, algorithm })
    const laboratory = await Laboratory.open(plan)
    // a seed at which no ReLU and no clip has its corner within the step: at a corner there is no slope to compare with
    const [parameters, other] = [parametersOf(plan, 3), parametersOf(plan, 2)]
    // played by others, so that PPO's ratios are not all 1
    const before = parameters.map((x, i) => x + 0.05 * other[i]!)
    const played = await laboratory.play(before)
    const { gradient } = await laboratory.relearn(parameters, played)
    const step = 1e-3
    let offset = 0
    for (const { name, shape } of plan.agent.layout) {
      const rng = Rng.of(1, 'direction', name)
      const direction = Float32Array.from({ length: sizeOf(shape) }, () => rng.normal())
      const slope = direction.reduce((total, x, i) => total + x * gradient[offset + i]!, 0)
      const along = async (distance: number): Promise<number> => {
        const there = parameters.slice()
        for (const [i, x] of direction.entries()) there[offset + i]! += distance * x
        return (await laboratory.relearn(there, played)).metrics.loss!
      }
      const difference = ((await along(step)) - (await along(-step))) / (2 * step)
      // float32 leaves the difference uncertain by about 1e-7 / step = 1e-4 of the loss
      const tolerance = 1e-3 + 0.01 * Math.abs(slope)
      const reached = Math.max(...gradient.subarray(offset, offset + direction.length).map(Math.abs))
      assert.ok(reached > 0 || name.startsWith('baseline'), `${name}: the loss is flat here`)
      assert.ok(Math.abs(difference - slope) < tolerance, `${name}: slope ${slope}, difference ${difference}`)
      offset += direction.length
    }
  })

test.run()
