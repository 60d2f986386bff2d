// Where an agent lies, by what a person wrote.

import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import '../../src/catalogue.ts'
import { make } from '../../src/env/registry.ts'
import { findAgent, zooFolder, zooNames } from '../../src/inference/find-agent.ts'
import { loadAgent } from '../../src/inference/load.ts'

const [known] = zooNames() as [string]

test('an agent of the zoo is a file that comes along, and what is made of it goes elsewhere', () => {
  const { kind, path, home } = findAgent(`zoo:${known}`)
  assert.equal([kind, path], ['file', join(zooFolder(), known, 'agent.safetensors')])
  assert.is(home, join('runs', 'zoo', known))
})

test('one that the zoo does not have is refused with the names of those that it has', () => {
  for (const name of ['mnist', '', '.', '..', '../zoo/mnist-6'])
    assert.throws(
      () => findAgent(`zoo:${name}`),
      new RegExp(`^zoo:${name.replaceAll('.', '\\.')}: the zoo has no such agent; it has .*${known}`),
    )
})

test('a run, a run with an exported agent beside its checkpoints, and the folder of an agent are told apart', () => {
  const folder = mkdtempSync(join(tmpdir(), 'saccade-'))
  assert.equal(findAgent(folder), { kind: 'run', path: folder, home: folder })
  const file = join(folder, 'agent.safetensors')
  writeFileSync(file, '')
  assert.equal(findAgent(folder), { kind: 'file', path: file, home: folder })
  assert.equal(findAgent(file), { kind: 'file', path: file, home: folder })
  writeFileSync(join(folder, 'config.json'), '{}')
  assert.is(findAgent(folder).kind, 'file', 'a config.json does not make a run')
  mkdirSync(join(folder, 'checkpoints'))
  assert.is(findAgent(folder).kind, 'run')
  assert.throws(
    () => findAgent(join(file, 'x')),
    /there is no such run or file; give a run directory, an agent file or zoo/,
  )
})

test('an agent of the zoo is loaded by its name, and names digits', async () => {
  const agent = await loadAgent('zoo:mnist-6', { engine: 'wasm' })
  const world = make('MNIST', { split: 'test', batchSize: 20 })
  const { info } = world.reset({ seed: 1, items: Array.from({ length: 20 }, (_, i) => i) })
  const looks = await agent.look(Array.from({ length: 20 }, (_, b) => world.render!(b)))
  const wrong = looks.filter(({ prediction }, b) => prediction !== info.target![b]).length
  assert.ok(wrong <= 1, `${wrong} of 20 digits are named wrongly`)
  await agent.dispose()
})

test.run()
