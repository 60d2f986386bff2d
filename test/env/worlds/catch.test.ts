// Catch, seen through a retina that covers the whole screen pixel by pixel, so that the game can be read off.

import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { checkEnvironment } from '../../../src/env/check-environment.ts'
import { Catch, catchOptions } from '../../../src/env/worlds/catch.ts'

const small = (batchSize = 1) => {
  const options = catchOptions.parse({ side: 6, glimpseSide: 6, scales: 1, start: 'centre' })
  return new Catch('Catch', options, { batchSize })
}

/** Columns of the white pixels of a row. */
const white = (screen: ArrayLike<number>, row: number): number[] =>
  [0, 1, 2, 3, 4, 5].filter((column) => screen[row * 6 + column]! > 0)

const act = (made: number[]) => ({
  location: new Float32Array(2 * made.length),
  move: Int32Array.from(made),
})

test('the ball falls a row a step, drifts evenly and bounces off the walls', () => {
  const game = small()
  const drifts = new Set<number>()
  let bounces = 0
  for (let item = 0; item < 40; item++) {
    const columns = [white(game.reset({ seed: 1, items: [item] }).observation.glimpse, 0)]
    for (let row = 1; row < 5; row++) columns.push(white(game.step(act([1])).observation.glimpse, row))
    assert.ok(columns.every(({ length }) => length === 1))
    const steps = columns.slice(1).map(([column], i) => column! - columns[i]![0]!)
    drifts.add(steps[0]!)
    for (let i = 1; i < steps.length; i++)
      if (steps[i] !== steps[i - 1]) {
        bounces++
        assert.is(steps[i], -steps[i - 1]!)
        assert.ok([0, 5].includes(columns[i]![0]!), 'a bounce happens at a wall')
      }
  }
  assert.equal([...drifts].sort(), [-1, 0, 1])
  // of 40 games 27 drift, and half of those bounce between the second and the fourth row
  assert.ok(bounces > 5)
})

test('moves take the paddle left, not at all, and right, and walls stop it', () => {
  const game = small()
  const left = (move: number) => white(game.step(act([move])).observation.glimpse, 5)[0]!
  for (let item = 0; item < 10; item++) {
    const before = white(game.reset({ seed: 2, items: [item] }).observation.glimpse, 5)
    assert.is(before.length, 2)
    assert.is(before[1], before[0]! + 1)
    const right = Math.min(before[0]! + 1, 4)
    assert.is(left(2), right)
    assert.is(left(1), right)
    assert.is(left(0), right - 1)
  }
})

test('following the ball always wins, and chance wins as often as the paddle is wide', () => {
  const options = catchOptions.parse({ side: 24, glimpseSide: 24, scales: 1, start: 'centre' })
  const game = new Catch('Catch', options, { batchSize: 300 })
  const play = (follow: boolean) => {
    let { glimpse } = game.reset({ seed: 3 }).observation
    let before: number[] = []
    let won = 0
    for (let row = 0; row < game.horizon; row++) {
      const balls = Array.from({ length: 300 }, (_, b) =>
        glimpse.subarray(b * 576 + row * 24, b * 576 + row * 24 + 24).indexOf(1),
      )
      const moves = balls.map((ball, b) => {
        if (!follow) return 1
        const drift = ball - (before[b] ?? ball)
        const ahead = ball + drift < 0 || ball + drift > 23 ? ball - drift : ball + drift
        const paddle = glimpse.subarray(b * 576 + 23 * 24, (b + 1) * 576).indexOf(1)
        return ahead < paddle ? 0 : ahead > paddle + 1 ? 2 : 1
      })
      before = balls
      const step = game.step(act(moves))
      glimpse = step.observation.glimpse
      won += step.reward.reduce((sum, paid) => sum + paid)
    }
    return won / 300
  }
  assert.is(play(true), 1)
  // 2 of 24 columns for a paddle that stays: 0.083, with a deviation of 0.016
  assert.ok(Math.abs(play(false) - 1 / 12) < 0.05)
})

test('the episode ends when the ball reaches the bottom, and the picture shows it there', () => {
  const game = small()
  game.reset({ seed: 1, items: [4] })
  assert.is(game.horizon, 5)
  for (let row = 1; row < 5; row++) assert.equal([...game.step(act([1])).terminated], [0])
  const { terminated, reward } = game.step(act([1]))
  assert.equal([...terminated], [1])
  const { pixels, windows } = game.render(0)
  assert.is(
    pixels.subarray(24, 30).every((value) => value === 0),
    true,
  )
  assert.is(white(pixels, 5).length, reward[0] === 1 ? 2 : 3)
  assert.equal([...windows], [6])
})

test('Catch keeps the laws, at any size', () => {
  checkEnvironment(new Catch('Catch', catchOptions.parse({}), { batchSize: 3 }))
  checkEnvironment(
    new Catch('Catch', catchOptions.parse({ side: 5, paddleWidth: 1, glimpseSide: 3 }), { batchSize: 1 }),
  )
})

test.run()
