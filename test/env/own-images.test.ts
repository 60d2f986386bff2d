// The examples of worlds of one's own: short, registered, lawful, and worlds in which looking pays.

import { readFileSync } from 'node:fs'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import '../../examples/own-images.ts'
import '../../examples/own-world.ts'
import { checkEnvironment, make } from '../../src/index.ts'

test('they are short', () => {
  const lines = (name: string) =>
    readFileSync(new URL(`../../examples/${name}.ts`, import.meta.url), 'utf8').split('\n').length
  assert.ok(lines('own-images') < 60)
  assert.ok(lines('own-world') < 90)
})

test('they are made by name and keep the laws', () => {
  for (const split of ['train', 'validation', 'test'] as const)
    checkEnvironment(make('Shapes', { split, batchSize: 2, count: 30 }))
  checkEnvironment(make('Chase', { batchSize: 2 }))
})

test('a hand is paid an eighth for every step at which it is on the spot', () => {
  const world = make('Chase', { batchSize: 300 })
  world.reset({ seed: 1 })
  const returns = new Float32Array(300)
  for (let t = 0; t < world.horizon; t++) {
    const { reward } = world.step({ location: new Float32Array(300), move: new Int32Array(300).fill(1) })
    assert.ok(reward.every((paid) => paid === 0 || paid === 1 / 8))
    for (const [b, paid] of reward.entries()) returns[b]! += paid
  }
  // a spot that runs along 9 cells meets a hand that stands still about once in nine steps
  const mean = returns.reduce((sum, value) => sum + value, 0) / 300
  assert.ok(Math.abs(mean - 1 / 9) < 0.02, `${mean}`)
})

test('its parts show different images of the same three classes', () => {
  const picture = (split: string) => {
    const world = make('Shapes', { split: split as 'train', count: 30 })
    const { info } = world.reset({ seed: 0, items: Array.from({ length: 30 }, (_, item) => item) })
    return { classes: [...new Set(info.target)].sort(), pixels: [...world.render!(0).pixels].join() }
  }
  const [train, held] = [picture('train'), picture('test')]
  assert.equal(
    [train.classes, held.classes],
    [
      [0, 1, 2],
      [0, 1, 2],
    ],
  )
  assert.is.not(train.pixels, held.pixels)
})

test('a glimpse of the shape is bright, and the field is dim', () => {
  // a square is 11x11 pixels of 200 and more, the field below 56: a glimpse at the brightest cell of the whole picture
  const world = make('Shapes', { glimpseSide: 32, scales: 1, start: 'centre', count: 5 })
  const { glimpse } = world.reset({ seed: 0, items: [0] }).observation
  const bright = glimpse.filter((value) => value * 255 > 199.5).length
  assert.ok(bright >= 33 - 4 && bright <= 121, `${bright} bright pixels`)
  assert.ok(glimpse.every((value) => value * 255 < 55.5 || value * 255 > 199.5))
})

test.run()
