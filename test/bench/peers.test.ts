import { readFileSync } from 'node:fs'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { parseArguments } from '../../bench/arguments.ts'
import { findPython, noTorch, peerRecipes, runPeer } from '../../bench/peer.ts'
import { timesBest, undistorted } from '../../bench/race.ts'
import { recipes } from '../../bench/recipes.ts'
import '../../src/index.ts'
import { lengthOf, sizeOf } from '../../src/core/tensors.ts'
import { completeConfig } from '../../src/runs/config.ts'
import { createPlan } from '../../src/training/plan.ts'

const groups = ['environment', 'agent', 'algorithm', 'training'] as const
type Options = Readonly<Record<string, unknown>>
type PeerRecipe = Readonly<Record<(typeof groups)[number], Options>>
const { common, ...known } = JSON.parse(readFileSync('bench/peers/recipes.json', 'utf8')) as {
  common: PeerRecipe
} & Readonly<Record<string, PeerRecipe & { parameters: number }>>

const layoutOf = (name: (typeof peerRecipes)[number]) => createPlan(completeConfig(recipes[name])).agent.layout

test('the peer knows the recipes that it is measured on', () => {
  assert.equal(Object.keys(known), [...peerRecipes])
  for (const name of peerRecipes) assert.not.ok(parseArguments(['--recipes', '--only', name]).error)
})

for (const name of peerRecipes) {
  test(`${name}: every number of the peer's recipe is ours`, () => {
    const config = completeConfig(undistorted(recipes[name]))
    for (const group of groups) {
      const wanted = { ...common[group], ...known[name]![group] }
      const ours = Object.fromEntries(Object.keys(wanted).map((key) => [key, (config[group] as Options)[key]]))
      assert.equal(ours, wanted, `${name}: ${group}`)
    }
    assert.is(known[name]!.parameters, lengthOf(layoutOf(name)))
    // what the peer does not know of may only be what changes nothing in the agent
    const silent = Object.keys(config.agent).filter((key) => !(key in common.agent) && !(key in known[name]!.agent))
    assert.equal(silent, ['name'])
  })
}

const python = findPython()
if (!python) console.log(`SKIP: the layers of the peer: ${noTorch}`)
for (const name of python ? peerRecipes : [])
  test(`${name}: the peer's layers are as large as ours`, () => {
    const { measured, error } = runPeer(python!, { recipe: name, describe: true })
    assert.ok(measured, error)
    assert.is(measured.parameters, known[name]!.parameters)
    const sizes = (shapes: readonly (readonly number[])[]) => shapes.map(sizeOf).sort((a, b) => a - b)
    assert.equal(sizes(Object.values(measured.layers!)), sizes(layoutOf(name).map(({ shape }) => shape)))
  })

test('a rate is compared with the best of the others in the same round', () => {
  assert.equal(
    timesBest(
      [10, 30],
      [
        [5, 10],
        [2, 15],
      ],
    ),
    [2, 2],
  )
  assert.equal(timesBest([10], []), [])
})

test.run()
