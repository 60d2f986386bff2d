// What is drawn from the agent's heads, and what of an episode is written down.

import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { headOf } from '../../src/agent/heads.ts'
import { Rng } from '../../src/core/rng.ts'
import { emptyValues } from '../../src/env/spaces.ts'
import { EpisodeBatch, type SamplingOptions } from '../../src/training/episode-batch.ts'
import { headName } from '../../src/training/programs.ts'
import { tinyPlan } from '../algorithms/laboratory.ts'

const batch = 40

/** Three glimpses, with heads that say one thing in all episodes: look to the left, stop with 1 in 4, class 2. */
function played(options: Partial<SamplingOptions>) {
  const plan = tinyPlan({ environment: { stop: true } })
  const streams = Array.from({ length: batch }, (_, b) => Rng.of(7, b))
  const episodes = new EpisodeBatch(
    plan,
    { greedy: false, std: 0.1, drawPredictions: false, streams, ...options },
    { seed: 1, items: Int32Array.from({ length: batch }, (_, b) => b % 6) },
  )
  const every = (...row: number[]) => Float32Array.from({ length: batch * row.length }, (_, i) => row[i % row.length]!)
  const outputs = {
    [headName('location')]: every(-0.5, 0.25),
    [headName('stop')]: every(Math.log(3), 0),
    [headName('prediction')]: every(0, -1, 1),
  }
  for (let t = 0; t < 3; t++) episodes.act(t, outputs)
  return { plan, episodes, outputs }
}

test('greedy, the likeliest of everything is done: the mean place, no stop that is less likely than none, the likeliest class', () => {
  const { plan, episodes, outputs } = played({ greedy: true })
  for (const { name, space } of plan.spec.heads) {
    const mode = emptyValues(space, batch)
    headOf(space).mode(outputs[headName(name)]!, mode)
    for (let t = 0; t < 3; t++)
      assert.equal(episodes.fields[`drawn.${name}`]!.slice(t * mode.length, (t + 1) * mode.length), mode, name)
  }
  assert.equal([...episodes.lengths()], new Array(batch).fill(3))
  assert.equal([...episodes.lastPrediction()], new Array(batch).fill(2))
})

test('drawn, places scatter and some stop, but a prediction that is taught is the likeliest', () => {
  const { episodes } = played({})
  const lengths = [...episodes.lengths()]
  // 1 in 4 at each step
  const stopped = lengths.filter((length) => length === 1).length
  assert.ok(stopped > 2 && stopped < 20, `${stopped} of ${batch} stopped at once`)
  assert.ok(new Set(episodes.fields['drawn.location']!.subarray(0, 2 * batch)).size > batch)
  assert.equal([...episodes.lastPrediction()], new Array(batch).fill(2))
  assert.ok(new Set(played({ drawPredictions: true }).episodes.lastPrediction()).size > 1)
})

test('an episode runs to its last step, goes on until before it, and is scored there alone', () => {
  const { episodes } = played({})
  const { running, continued, scored, reward } = episodes.fields
  const lengths = episodes.lengths()
  for (let b = 0; b < batch; b++)
    for (let t = 0; t < 3; t++) {
      const row = t * batch + b
      const [runs, last] = [t < lengths[b]!, t === lengths[b]! - 1]
      assert.equal([running![row], continued![row], scored![row]], [Number(runs), Number(runs && !last), Number(last)])
      if (!last) assert.is(reward![row], 0)
    }
  const right = [...episodes.lastPrediction()].map((value, b) => Number(value === episodes.target![b]))
  assert.equal([...episodes.returns()], right)
})

test('what is drawn in an episode depends on its own stream alone', () => {
  const once = played({}).episodes
  const streams = Array.from({ length: batch }, (_, b) => Rng.of(b === 3 ? 8 : 7, b))
  const other = played({ streams }).episodes
  const same = (b: number): boolean =>
    [0, 1].every((i) => once.fields['drawn.location']![2 * b + i] === other.fields['drawn.location']![2 * b + i])
  assert.equal(
    Array.from({ length: batch }, (_, b) => b).filter((b) => !same(b)),
    [3],
  )
})

test.run()
