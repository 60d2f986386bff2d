// Every algorithm learns every probe, and when to stop, to a stated score, for several seeds, within seconds.

import { test } from 'uvu'
import * as assert from 'uvu/assert'
import '../../src/catalogue.ts'
import { registerEnvironment } from '../../src/env/registry.ts'
import { classification, classificationOptions } from '../../src/env/worlds/image-scenes.ts'
import { completeConfig, type PartialConfig } from '../../src/runs/config.ts'
import type { EpochRecord, Summary } from '../../src/runs/records.ts'
import { Trainer } from '../../src/training/trainer.ts'

/** A small agent; the rest of its head is not detached, for a core that has no use for a hint hardly tells the locator of it. */
const agent = {
  ...{ whatUnits: 32, whereUnits: 16, featureUnits: 32, hiddenUnits: 32, locatorUnits: 16 },
  detach: 'none',
}

/** A policy wide enough to find a spot that is half an image away. */
const wide = { std: 0.4, finalStd: 0.2, policyWeight: 1 }

/** Train for `iterations` batches of 64 episodes; what the last half of the training told, and the test. */
async function train(
  given: PartialConfig,
  iterations: number,
  seed: number,
): Promise<{ summary: Summary; last: EpochRecord }> {
  const { rollouts = 1 } = completeConfig(given).training
  const batchSize = 64 / rollouts
  const config = completeConfig({
    environment: given.environment ?? {},
    agent,
    algorithm: { ...(given.algorithm?.name !== 'random' && wide), ...given.algorithm },
    training: {
      ...{ seed, epochs: 2, epochItems: (batchSize * iterations) / 2, batchSize, learningRate: 5e-3 },
      ...{ workers: 1, evaluateEvery: 2, evaluationRollouts: 1, evaluationItems: 300 },
      ...given.training,
    },
  })
  const trainer = await Trainer.create(config)
  try {
    let last: EpochRecord | undefined
    trainer.on('epoch', (record) => {
      last = record
    })
    const summary = await trainer.train()
    return { summary: summary!, last: last! }
  } finally {
    await trainer.dispose()
  }
}

/** The mean reward of the greedy policy, in a world without targets; else the share of classes named right. */
const score = ({ testError }: Summary): number => 1 - testError.greedy / 100

/** PPO takes eight steps on each batch where the others take one, and needs fewer batches. */
const rules: Record<string, { algorithm: { name: string; [option: string]: unknown }; share: number }> = {
  reinforce: { algorithm: { name: 'reinforce' }, share: 1 },
  a2c: { algorithm: { name: 'a2c' }, share: 1 },
  ppo: { algorithm: { name: 'ppo', minibatches: 2 }, share: 1 / 4 },
  rloo: { algorithm: { name: 'rloo' }, share: 1 },
  'rloo, group-normalised': { algorithm: { name: 'rloo', against: 'group' }, share: 1 },
}

/** For each rung: how many batches, for which seeds, and the score to reach (chance in brackets). */
const ladder: readonly { id: string; iterations: number; seeds: number[]; atLeast: number; supervision?: string }[] = [
  { id: 'probe/prediction', iterations: 64, seeds: [0, 1], atLeast: 0.98 }, // (1/3)
  { id: 'probe/prediction', iterations: 96, seeds: [0, 1], atLeast: 0.98, supervision: 'none' }, // (1/3)
  { id: 'probe/memory', iterations: 96, seeds: [0, 1], atLeast: 0.98 }, // (1/3)
  { id: 'probe/location', iterations: 96, seeds: [0, 1], atLeast: 0.95 }, // (1/2)
  { id: 'probe/hint', iterations: 320, seeds: [0, 1, 2], atLeast: 0.95 }, // (1/3; without the hint 2/3)
]

for (const [name, { algorithm, share }] of Object.entries(rules)) {
  // what differs about the group is where the eye goes: the lower rungs say nothing new of it
  const rungs = algorithm.against === 'group' ? ladder.slice(3) : ladder
  for (const { id, iterations, seeds, atLeast, supervision } of rungs)
    for (const seed of seeds)
      test(`${name} solves ${id}${supervision ? ' by reward alone' : ''}, seed ${seed}`, async () => {
        const given = { environment: { id }, algorithm: { ...algorithm, ...(supervision && { supervision }) } }
        const reached = score((await train(given, iterations * share, seed)).summary)
        assert.ok(reached >= atLeast, `score ${reached.toFixed(3)}, expected ${atLeast}`)
      })

  if (algorithm.name !== 'rloo')
    test(`${name} solves probe/value: the baseline expects what is always paid`, async () => {
      const given = { environment: { id: 'probe/value' }, algorithm }
      const { last } = await train(given, 64 * share, 0)
      // the mean squared error, from 1 at the start, over the last half of the training
      assert.ok(last.train.baseline! < 0.02, `baseline loss ${last.train.baseline}`)
    })
}

for (const name of ['reinforce', 'a2c'])
  test(`${name}: a policy that learns its spread draws closer to where it is paid than it would as scheduled`, async () => {
    const drawn = async (spread: string): Promise<number> => {
      const algorithm = { name, std: 0.4, finalStd: 0.4, spread }
      const { summary } = await train({ environment: { id: 'probe/location' }, algorithm }, 160, 0)
      assert.ok(score(summary) >= 0.95, `score ${score(summary)}`)
      return 1 - summary.testError.sampled / 100
    }
    const [scheduled, learned] = [await drawn('scheduled'), await drawn('learned')]
    assert.ok(learned > 0.97 && learned > scheduled + 0.05, `mean reward ${learned} learned, ${scheduled} scheduled`)
  })

test('random looks do not solve what takes looking', async () => {
  const { summary } = await train({ environment: { id: 'probe/hint' }, algorithm: { name: 'random' } }, 160, 0)
  assert.ok(score(summary) < 0.6)
})

/**
 * Grey 8x8 images of three shades: in `everywhere` the shade fills the image, so that the first look will do; in `right`
 * it fills the right half only, of which a first look at the centre sees nothing that tells.
 */
for (const where of ['everywhere', 'right'] as const) {
  const shade = (i: number, column: number): number => (where === 'right' && column < 5 ? 0 : 85 * ((i % 3) + 1))
  registerEnvironment({
    id: `test/shades-${where}`,
    description: 'three shades of grey',
    options: classificationOptions({ glimpses: 5, glimpseSide: 2, scales: 1 }),
    create: (options, setting) =>
      classification({
        ...setting,
        id: `test/shades-${where}`,
        options: { ...options, stop: true, start: 'centre' },
        set: {
          name: 'shades',
          images: Uint8Array.from({ length: 300 * 64 }, (_, k) => shade(Math.floor(k / 64), k % 8)),
          labels: Uint8Array.from({ length: 300 }, (_, i) => i % 3),
          ...{ height: 8, width: 8, channels: 1, classNames: ['dark', 'middle', 'light'] },
          // over and over, so that an epoch is as long as a test wants it
          indices: Int32Array.from({ length: 64 * 320 }, (_, i) => i % 300),
        },
      }),
  })
}

for (const [name, { algorithm, share }] of Object.entries(rules)) {
  test(`${name} learns to stop after the first of 5 glimpses where that is enough`, async () => {
    const environment = { id: 'test/shades-everywhere', glimpsePrice: 0.05 }
    const { summary, last } = await train({ environment, algorithm }, 160 * share, 0)
    assert.ok(score(summary) > 0.98, `score ${score(summary)}`)
    assert.ok(last.validation!.glimpses! < 1.1, `${last.validation!.glimpses} glimpses`)
  })

  // in deviations of its group a price counts as much as a wrong class, once all rollouts are right or all are wrong
  if (algorithm.against === 'group') continue

  test(`${name} learns to look on where the first glimpse is not enough, and not for longer than it must`, async () => {
    const environment = { id: 'test/shades-right', glimpsePrice: 0.05 }
    const { summary, last } = await train({ environment, algorithm }, 320 * share, 0)
    assert.ok(score(summary) > 0.95, `score ${score(summary)}`)
    const glimpses = last.validation!.glimpses!
    assert.ok(glimpses >= 2 && glimpses < 4, `${glimpses} glimpses`)
  })
}

test.run()
