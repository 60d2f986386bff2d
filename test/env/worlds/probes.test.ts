// The probes: that the optimum and the chance score which each promises are what a perfect and a random player get.

import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { Rng } from '../../../src/core/rng.ts'
import { checkEnvironment } from '../../../src/env/check-environment.ts'
import type { Observation } from '../../../src/env/environment.ts'
import { ProbeWorld, probes } from '../../../src/env/worlds/probes.ts'

const count = 3000

type Player = (sights: readonly Observation[], b: number, rng: Rng) => { x: number; y: number; prediction: number }

const bottomClass = ({ glimpse }: Observation, b: number): number => glimpse.subarray(9 * b + 6, 9 * b + 9).indexOf(1)
const topSide = ({ glimpse }: Observation, b: number): number => glimpse.subarray(9 * b, 9 * b + 3).indexOf(1) - 1

const randomly: Player = (_sights, _b, rng) => ({
  x: rng.uniform(-1, 1),
  y: rng.uniform(-1, 1),
  prediction: rng.integer(3),
})

/** Looks where the hint says, or else to the right, and names the class last seen. */
const perfectly: Player = (sights, b) => {
  const side = topSide(sights[0]!, b)
  const seen = sights.map((sight) => bottomClass(sight, b)).filter((target) => target >= 0)
  return { x: side === -1 ? -0.6 : sights[0]!.glimpse[9 * b + 2] === 1 ? 0.6 : 1, y: 0, prediction: seen.at(-1) ?? 0 }
}

/** As `perfectly`, but always looks to the right. */
const withoutHint: Player = (sights, b, rng) => ({ ...perfectly(sights, b, rng), x: 0.6 })

function score(id: string, player: Player): number {
  const world = new ProbeWorld(probes.find((probe) => probe.id === id)!, { split: 'train', batchSize: count })
  const rng = Rng.of(4)
  const sights = [world.reset({ seed: 1 }).observation]
  let paid = 0
  for (let time = 0; time < world.horizon; time++) {
    const actions = Array.from({ length: count }, (_, b) => player(sights, b, rng))
    const { observation, reward } = world.step({
      location: Float32Array.from(actions.flatMap(({ x, y }) => [x, y])),
      prediction: Int32Array.from(actions, ({ prediction }) => prediction),
    })
    sights.push(observation)
    paid += reward.reduce((sum, value) => sum + value)
  }
  return paid / count
}

test('the optimum of every probe is 1', () => {
  for (const { id } of probes) assert.is(score(id, perfectly), 1, id)
})

test('chance gets 1, 1/3, 1/3, 1/2, and somewhat more than 1/3', () => {
  // a mean of 3000 has a deviation of at most 0.5 / sqrt(3000) = 0.009
  const near = (id: string, expected: number) => assert.ok(Math.abs(score(id, randomly) - expected) < 0.03, id)
  assert.is(score('probe/value', randomly), 1)
  near('probe/prediction', 1 / 3)
  near('probe/memory', 1 / 3)
  near('probe/location', 1 / 2)
  near('probe/hint', 1 / 3)
})

test('probe/hint pays 2/3 to one who always looks to the same side', () => {
  // half of the time the class is seen; otherwise it is named 0, which is right in a third of the cases
  assert.ok(Math.abs(score('probe/hint', withoutHint) - 2 / 3) < 0.03)
})

test('probe/memory shows the class once, and probe/hint only at the spot', () => {
  const see = (id: string, x: number) => {
    const world = new ProbeWorld(probes.find((probe) => probe.id === id)!, { split: 'train', batchSize: 1 })
    const { observation, info } = world.reset({ seed: 3, items: [0] })
    const action = { location: Float32Array.of(x, 0), prediction: Int32Array.of(0) }
    const sights = [observation, world.step(action).observation, world.step(action).observation]
    return {
      target: info.target![0],
      classes: sights.map((sight) => bottomClass(sight, 0)),
      side: topSide(observation, 0),
    }
  }
  const memory = see('probe/memory', 0)
  assert.equal(memory.classes, [memory.target, -1, -1])
  const { side } = see('probe/hint', 0)
  const hint = see('probe/hint', 0.6 * side)
  assert.equal(hint.classes, [-1, hint.target, -1])
  assert.equal(see('probe/hint', -0.6 * side).classes, [-1, -1, -1])
})

test('only the probes of a class tell supervision what it is', () => {
  const targets = probes.filter(({ hasTarget }) => hasTarget).map(({ id }) => id)
  assert.equal(targets, ['probe/prediction', 'probe/memory', 'probe/hint'])
  for (const probe of probes) {
    const world = new ProbeWorld(probe, { split: 'train', batchSize: 2 })
    assert.is(world.reset({ seed: 0 }).info.target !== undefined, probe.hasTarget)
  }
})

test('every probe keeps the laws', () => {
  for (const probe of probes) checkEnvironment(new ProbeWorld(probe, { split: 'train', batchSize: 3 }))
})

test.run()
