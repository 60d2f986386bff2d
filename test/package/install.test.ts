// The package as a stranger gets it: imported, required, run. Needs a fresh `npm run build`.

import { existsSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { isBuilt, type Project, strangersProject } from './stranger.ts'

const subpaths = ['.', './env', './agent', './algorithms', './engine', './training', './inference']
const saccade = join('node_modules', 'saccade', 'dist', 'scripts', 'saccade.js')
/** Node 20.19 and 22.12 are the first whose `require` reads ES modules. */
const requiresModules = 'require_module' in process.features

if (isBuilt()) {
  let project: Project

  test.before(() => {
    project = strangersProject()
  })

  test('every subpath is imported, one copy of each thing behind them all', () => {
    const { exports } = JSON.parse(readFileSync(join(project.home, 'node_modules/saccade/package.json'), 'utf8'))
    assert.equal(
      Object.keys(exports).filter((path) => !['./package.json', './zoo/*'].includes(path)),
      subpaths,
    )
    project.write(
      'import.mjs',
      `const [main, ...parts] = await Promise.all(${JSON.stringify(subpaths)}.map((path) => import('saccade' + path.slice(1))))
       const strangers = parts.flatMap((part) => Object.keys(part).filter((name) => part[name] !== main[name]))
       console.log(JSON.stringify({ counts: parts.map((part) => Object.keys(part).length > 2), strangers }))`,
    )
    const { stdout, stderr } = project.node('import.mjs')
    assert.equal(JSON.parse(stdout || 'null'), { counts: parts(true), strangers: [] }, stderr)
  })

  test('a world is stepped', () => {
    project.write(
      'use.js',
      `import { make } from 'saccade'
       const world = make('MNIST', { split: 'test', batchSize: 2 })
       console.log(world.horizon, world.reset({ seed: 1 }).observation.glimpse.length)`,
    )
    const used = project.node('use.js')
    // 6 looks; 2 episodes of 1 scale of 8 x 8 pixels
    assert.is(used.stdout, '6 128\n', used.stderr)
  })

  if (!requiresModules) console.log(`SKIP require('saccade'): Node ${process.version} requires no ES modules`)
  else
    test("require gives what import gives, without a word on Node's part", () => {
      project.write(
        'require.cjs',
        `const required = ${JSON.stringify(subpaths)}.map((path) => require('saccade' + path.slice(1)))
         import('saccade').then((imported) => console.log(required[0].make === imported.make, required[1].make === imported.make, required.length))`,
      )
      const { stdout, stderr } = project.node('require.cjs')
      assert.is(stdout, 'true true 7\n', stderr)
    })

  test('the program trains in a world of a module that is imported from outside', () => {
    assert.ok(statSync(join(project.home, saccade)).mode & 0o100, 'the program is executable')
    assert.match(readFileSync(join(project.home, saccade), 'utf8'), /^#!\/usr\/bin\/env -S node --single-threaded-gc\n/)
    project.write(
      'mine.js',
      `import { make, registerEnvironment, z } from 'saccade'
       registerEnvironment({ id: 'Mine', description: 'a probe again', options: z.strictObject({}), create: (_, setting) => make('probe/prediction', setting) })`,
    )
    const small = ['--engine', 'wasm', '--workers', '2', '--epochs', '1', '--epoch-items', '256']
    const trained = project.node(saccade, 'train', '--import', './mine.js', '--environment', 'Mine', ...small)
    assert.is(trained.status, 0, trained.stderr)
    assert.match(trained.stdout, /^test error: greedy /m)
    assert.ok(existsSync(join(project.home, 'runs', 'Mine-v1-reinforce-001', 'summary.json')))
  })

  test('the zoo comes along: listed, loaded by name, and what is made of it lies in the project', () => {
    const listed = project.node(saccade, 'zoo')
    assert.match(listed.stdout, /^zoo:mnist-6 +MNIST-v1 +error [\d.]+ % \[/m, listed.stderr)
    project.write(
      'look.js',
      `import { loadAgent } from 'saccade/inference'
       const agent = await loadAgent('zoo:mnist-6', { engine: 'wasm' })
       const { path } = await agent.look({ pixels: new Uint8Array(784), height: 28, width: 28 })
       console.log(path.length)
       await agent.dispose()`,
    )
    const looked = project.node('look.js')
    assert.is(looked.stdout, '6\n', looked.stderr)
    const exported = project.node(saccade, 'export', 'zoo:mnist-6', '--agent')
    assert.is(exported.status, 0, exported.stderr)
    assert.ok(existsSync(join(project.home, 'runs', 'zoo', 'mnist-6', 'agent.safetensors')))
    const unknown = project.node(saccade, 'watch', 'zoo:mnist')
    assert.match(unknown.stderr, /^error: zoo:mnist: the zoo has no such agent; it has .*mnist-6/)
  })

  test('a module whose options are of zod 3 is told so in one line', () => {
    project.write(
      'old.js',
      `import { make, registerEnvironment } from 'saccade'
       import { z } from 'zod/v3'
       registerEnvironment({ id: 'Old', description: '', options: z.object({}), create: (_, setting) => make('probe/prediction', setting) })`,
    )
    const { status, stderr } = project.node(saccade, 'train', '--import', './old.js', '--environment', 'Old')
    assert.is(status, 1)
    assert.is(
      stderr,
      "error: environment Old: options are a schema of zod 3; they must be an object schema of zod 4: import { z } from 'saccade' and write z.strictObject({ ... })\n",
    )
  })

  test('without the fast engine, a command says first what is missing and what brings it', () => {
    const bare = strangersProject({ bare: true })
    const world = ['--environment', 'probe/prediction', '--epochs', '1', '--epoch-items', '64', '--workers', '1']
    for (const args of [['train', ...world], ['train', '--help'], ['data']]) {
      const { status, stderr } = bare.node(saccade, ...args)
      assert.is(status, 0, stderr)
      assert.match(
        stderr,
        /^slow: the fast engine is missing; \w+ add -O --[\w-]+ onnxruntime-node@[\d.]+ koffi@[\d.]+\n/,
      )
    }
  })

  test("two copies in one process, as a plug-in's own would be: each takes the other's worlds and agents", () => {
    const other = strangersProject()
    project.write(
      'two.mjs',
      `const [a, b] = await Promise.all([${JSON.stringify([project.home, other.home])}].flat().map((home) => import(home + '/node_modules/saccade/dist/src/index.js')))
       a.checkEnvironment(b.make('Catch'))
       const { observationSpace: { glimpse, location }, actionSpace } = b.make('Catch')
       const heads = Object.entries(actionSpace).map(([name, space]) => ({ name, space }))
       const world = { observation: { glimpse: glimpse.shape, location: location.shape }, heads, horizon: 9 }
       const agents = [a, b].map(({ makeAgent }) => makeAgent('ram', {}, world).init(1))
       console.log(a.make !== b.make, agents[0].every((value, i) => value === agents[1][i]))`,
    )
    const { stdout, stderr } = project.node('two.mjs')
    assert.is(stdout, 'true true\n', stderr)
  })
}

const parts = <T>(value: T): T[] => subpaths.slice(1).map(() => value)

test.run()
