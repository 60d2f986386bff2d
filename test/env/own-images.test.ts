// The example of an environment of one's own: short, registered, lawful, and a world in which looking pays.

import { readFileSync } from 'node:fs'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import '../../examples/own-environment.ts'
import { checkEnvironment, make } from '../../src/index.ts'

test('it is shorter than 60 lines', () => {
  const text = readFileSync(new URL('../../examples/own-environment.ts', import.meta.url), 'utf8')
  assert.ok(text.split('\n').length < 60)
})

test('it is made by name and keeps the laws', () => {
  for (const split of ['train', 'validation', 'test'] as const)
    checkEnvironment(make('Shapes', { split, batchSize: 2, count: 30 }))
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
