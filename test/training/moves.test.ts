// Location samplers in a world of moves: they name places, and the eye goes there.

import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { z } from 'zod'
import '../algorithms/laboratory.ts'
import { make, registerEnvironment } from '../../src/env/registry.ts'
import { limitMoves } from '../../src/env/wrappers.ts'
import { Laboratory, parametersOf, tinyPlan } from '../algorithms/laboratory.ts'

registerEnvironment({
  id: 'test/moves',
  description: 'an eye that is moved, at most so far',
  options: z.strictObject({ reach: z.number().default(3), glimpses: z.number().default(5) }),
  create: ({ reach, glimpses }, setting) =>
    limitMoves(make('test/tiny', { ...setting, glimpses }), { reach, action: 'move' }),
})

/** Where the glimpses of an episode were taken, [T][B] of (x, y). */
async function pathOf(algorithm: { name: string } & Record<string, unknown>, reach: number): Promise<number[][]> {
  const plan = tinyPlan({ environment: { id: 'test/moves', reach }, algorithm })
  const laboratory = await Laboratory.open(plan, [0])
  const { observations } = await laboratory.play(parametersOf(plan))
  return observations.map(({ location }) => [...location])
}

const near = (place: readonly number[], x: number, y: number): void =>
  assert.ok(Math.hypot(place[0]! - x, place[1]! - y) < 1e-5, `(${place}), expected (${x}, ${y})`)

test('a raster is followed cell by cell, wherever the first glimpse was', async () => {
  const path = await pathOf({ name: 'raster', columns: 2, rows: 2 }, 3)
  for (const [t, [x, y]] of [
    [-0.5, -0.5],
    [0.5, -0.5],
    [-0.5, 0.5],
    [0.5, 0.5],
  ].entries())
    near(path[t + 1]!, x!, y!)
})

test('the centre is reached and kept, and with a short reach neared in a straight line', async () => {
  for (const place of (await pathOf({ name: 'centre' }, 3)).slice(1)) near(place, 0, 0)
  const path = await pathOf({ name: 'centre' }, 0.1)
  for (const [t, [x, y]] of path.entries()) {
    if (t === 0) continue
    const [beforeX, beforeY] = path[t - 1]!
    const share = Math.max(0, 1 - 0.1 / Math.hypot(beforeX!, beforeY!))
    near([x!, y!], share * beforeX!, share * beforeY!)
  }
})

test('random places are as far apart in a world of moves as in one of places', async () => {
  const path = await pathOf({ name: 'random', reach: 1 }, 3)
  assert.ok(path.flat().every((x) => Math.abs(x) <= 1))
  const places = path.slice(1)
  assert.ok(new Set(places.map(String)).size === places.length, 'each is another')
})

test.run()
