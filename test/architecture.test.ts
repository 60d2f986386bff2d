// Imports run one way. Reads the import lines of every source file and names those that break a rule; and holds the rules
// themselves to account: a folder without one is an error.

import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'
import { test } from 'uvu'
import * as assert from 'uvu/assert'

const root = fileURLToPath(new URL('..', import.meta.url))

type Import = { readonly file: string; readonly target: string; readonly typeOnly: boolean }

/** What each part of src/ may import of ours. `types` may be imported as types only. */
const rules: Readonly<Record<string, { readonly values: readonly string[]; readonly types?: readonly string[] }>> = {
  core: { values: ['core'] },
  env: { values: ['core', 'env'] },
  agent: { values: ['core', 'agent'], types: ['env'] },
  // of agent only what belongs to no one agent, see below
  algorithms: { values: ['core', 'algorithms', 'agent'], types: ['env'] },
  datasets: { values: ['core', 'datasets', 'env'] },
  engine: { values: ['core', 'engine'] },
  catalogue: { values: ['core', 'env', 'agent', 'algorithms', 'datasets'] },
  runs: { values: ['core', 'env', 'agent', 'algorithms', 'runs'] },
  training: { values: ['core', 'env', 'agent', 'algorithms', 'datasets', 'catalogue', 'engine', 'runs', 'training'] },
  inference: {
    values: ['core', 'env', 'agent', 'algorithms', 'catalogue', 'engine', 'runs', 'training', 'inference'],
  },
  report: { values: ['core', 'env', 'agent', 'algorithms', 'datasets', 'runs', 'training', 'inference', 'report'] },
  dashboard: { values: ['core', 'runs', 'training', 'inference', 'report', 'dashboard'] },
  sweep: { values: ['core', 'env', 'agent', 'algorithms', 'catalogue', 'runs', 'training', 'report', 'sweep'] },
  index: {
    values: [
      ...['core', 'env', 'agent', 'algorithms', 'datasets', 'catalogue', 'engine'],
      ...['runs', 'training', 'inference', 'report'],
    ],
  },
}

/** Run in a browser too: nothing but tfjs and zod, no module of Node's. */
const portable = ['core', 'env', 'agent', 'algorithms']
/** So do these files of parts that are otherwise Node's. */
const browserFiles = [
  ...['engine', 'eager', 'wasm', 'product', 'webassembly', 'index'].map((name) => `src/engine/${name}.ts`),
  ...['agent-file', 'agent-card', 'trained-agent', 'policy', 'replay', 'common', 'browser'].map(
    (name) => `src/inference/${name}.ts`,
  ),
  ...['training', 'pool', 'plan'].map((name) => `src/training/${name}.ts`),
  ...['config', 'training-options', 'points'].map((name) => `src/runs/${name}.ts`),
  ...['dataset', 'idx', 'split'].map((name) => `src/datasets/${name}.ts`),
  ...['dashboard/gaze-of', 'report/verdict'].map((name) => `src/${name}.ts`),
]

function importsOf(file: string): Import[] {
  const source = readFileSync(join(root, file), 'utf8')
  const found: Import[] = []
  // `import type x from 'y'`, `import { type x } from 'y'`, `export ... from 'y'`, `import 'y'`
  for (const [, clause = '', target] of source.matchAll(/^(?:import|export)\s+(?:([^'"`;]*?)\s+from\s+)?'([^']+)'/gm)) {
    const names = /^\{([\s\S]*)\}$/.exec(clause.trim())?.[1]?.split(',') ?? []
    const written = names.map((name) => name.trim()).filter((name) => name !== '')
    const typeOnly = /^type\b/.test(clause) || (written.length > 0 && written.every((name) => name.startsWith('type ')))
    found.push({ file, target: target!, typeOnly })
  }
  for (const [, target] of source.matchAll(/\bimport\('([^']+)'\)/g))
    found.push({ file, target: target!, typeOnly: false })
  return found
}

/** The part of src/ that a file belongs to: a folder, or `catalogue`, `index`. */
function partOf(file: string): string {
  const [first = ''] = file.replace(/^src\//, '').split('/')
  return first.replace(/\.ts$/, '')
}

const files = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => `src/${name.replaceAll('\\', '/')}`)
const importsByFile = new Map(files.map((file) => [file, importsOf(file)]))
const imports = [...importsByFile.values()].flat()
const within = (file: string, target: string): string => normalize(join(dirname(file), target)).replaceAll('\\', '/')
const show = ({ file, target }: Import): string => `${file} -> ${target}`

test('every part of src has a rule', () => {
  assert.equal(
    [...new Set(files.map(partOf))].filter((part) => !(part in rules)),
    [],
  )
})

test('imports between the parts of src run one way', () => {
  const ours = imports.filter(({ target }) => target.startsWith('.'))
  assert.ok(ours.length > 100, 'the import lines are found')
  const forbidden = ours.filter(({ file, target, typeOnly }) => {
    const { values = [], types = [] } = rules[partOf(file)] ?? {}
    const to = partOf(within(file, target))
    return !values.includes(to) && !(typeOnly && types.includes(to))
  })
  assert.equal(forbidden.map(show), [])
})

test('no file of src imports itself by way of others, types included', () => {
  const graph = new Map(files.map((file) => [file, [] as string[]]))
  for (const { file, target } of imports) if (target.startsWith('.')) graph.get(file)!.push(within(file, target))
  const circles: string[] = []
  const state = new Map<string, 'open' | 'done'>()
  const visit = (file: string, path: readonly string[]): void => {
    if (state.get(file) === 'done') return
    if (state.get(file) === 'open') return void circles.push([...path.slice(path.indexOf(file)), file].join(' -> '))
    state.set(file, 'open')
    for (const next of graph.get(file) ?? []) visit(next, [...path, file])
    state.set(file, 'done')
  }
  for (const file of files) visit(file, [])
  assert.equal(circles, [])
})

test('env knows no tensor library, datasets neither', () => {
  const forbidden = imports.filter(
    ({ file, target }) => ['env', 'datasets'].includes(partOf(file)) && target.startsWith('@tensorflow/'),
  )
  assert.equal(forbidden.map(show), [])
})

test("what a page may import reaches no module of Node's, directly or by way of others", () => {
  const roots = files.filter((file) => portable.includes(partOf(file)) || browserFiles.includes(file))
  for (const file of browserFiles) assert.ok(files.includes(file), file)
  const reached = new Set(roots)
  // a set goes on to what is added while it is walked
  for (const file of reached)
    for (const { target, typeOnly } of importsByFile.get(file) ?? [])
      if (!typeOnly && target.startsWith('.')) reached.add(within(file, target))
  assert.ok(reached.has('src/runs/safetensors.ts'), 'the agent file is read by it')
  const foreign = [...reached]
    .flatMap((file) => importsByFile.get(file) ?? [])
    .filter(
      ({ target, typeOnly }) =>
        !typeOnly && !target.startsWith('.') && !/^(@tensorflow\/tfjs-|zod$|eventemitter3$)/.test(target),
    )
  assert.equal(foreign.map(show), [])
})

test('algorithms import no concrete agent and no environment, only what a head and a space are', () => {
  const concrete = imports.filter(
    ({ file, target }) =>
      partOf(file) === 'algorithms' &&
      /^src\/(agent\/(?!agent\.ts|heads\.ts)|env\/(?!spaces\.ts))/.test(within(file, target)),
  )
  assert.equal(concrete.map(show), [])
})

test('nothing in src imports from scripts, examples, bench or test', () => {
  const outside = imports.filter(
    ({ file, target }) => target.startsWith('.') && !within(file, target).startsWith('src/'),
  )
  assert.equal(outside.map(show), [])
})

test('examples use the public API alone', () => {
  const own = readdirSync(root).includes('examples')
    ? readdirSync(join(root, 'examples'), { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.ts'))
    : []
  const deep = own
    .flatMap((name) => importsOf(`examples/${name}`))
    .filter(({ file, target }) => target.startsWith('.') && within(file, target).startsWith('src/'))
    .filter(({ file, target }) => within(file, target) !== 'src/index.ts')
  assert.equal(deep.map(show), [])
})

test.run()
