// The package as a stranger gets it: what `npm pack` holds, installed elsewhere. Needs a fresh `npm run build`.

import { spawnSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { test } from 'uvu'
import * as assert from 'uvu/assert'

const root = fileURLToPath(new URL('..', import.meta.url))

/** When the newest of these files was written. */
const newest = (...folders: string[]): number =>
  Math.max(
    ...folders.flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
        .filter((name) => name.endsWith('.ts'))
        .map((name) => statSync(join(root, folder, name)).mtimeMs),
    ),
  )

const program = join(root, 'dist', 'scripts', 'saccade.js')
const built = existsSync(program) && statSync(program).mtimeMs > newest('src', 'scripts')

/** A directory of a stranger's, with the packed package in its node_modules; its dependencies are ours. */
function strangersDirectory(): string {
  const home = mkdtempSync(join(tmpdir(), 'saccade-'))
  const packed = spawnSync('npm', ['pack', '--ignore-scripts', '--pack-destination', home], {
    cwd: root,
    encoding: 'utf8',
  })
  assert.is(packed.status, 0, packed.stderr)
  const tarball = readdirSync(home).find((name) => name.endsWith('.tgz'))!
  const target = join(home, 'node_modules', 'saccade')
  mkdirSync(target, { recursive: true })
  const unpacked = spawnSync('tar', ['-xzf', join(home, tarball), '-C', target, '--strip-components=1'])
  assert.is(unpacked.status, 0, String(unpacked.stderr))
  symlinkSync(join(root, 'node_modules'), join(target, 'node_modules'))
  writeFileSync(join(home, 'package.json'), '{"type": "module"}')
  return home
}

if (!built) console.log('SKIP the packed package: dist is missing or older than the sources (npm run build)')
else
  test('a stranger installs it, imports it, and trains with it', () => {
    const home = strangersDirectory()
    const call = (...args: string[]) => spawnSync(process.execPath, args, { cwd: home, encoding: 'utf8' })
    writeFileSync(
      join(home, 'use.js'),
      `import { make } from 'saccade'
       const world = make('MNIST', { split: 'test', batchSize: 2 })
       console.log(world.horizon, world.reset({ seed: 1 }).observation.glimpse.length)`,
    )
    const used = call('use.js')
    // 6 looks; 2 episodes of 1 scale of 8 x 8 pixels
    assert.is(used.stdout, '6 128\n', used.stderr)
    writeFileSync(
      join(home, 'mine.js'),
      `import { make, registerEnvironment } from 'saccade'
       import { z } from './node_modules/saccade/node_modules/zod/index.js'
       registerEnvironment({ id: 'Mine', description: 'a probe again', options: z.strictObject({}), create: (_, setting) => make('probe/prediction', setting) })`,
    )
    const saccade = join('node_modules', 'saccade', 'dist', 'scripts', 'saccade.js')
    assert.ok(statSync(join(home, saccade)).mode & 0o100, 'the program is executable')
    assert.match(readFileSync(join(home, saccade), 'utf8'), /^#!\/usr\/bin\/env -S node --single-threaded-gc\n/)
    const small = ['--engine', 'wasm', '--workers', '2', '--epochs', '1', '--epoch-items', '256']
    const trained = call(saccade, 'train', '--import', './mine.js', '--environment', 'Mine', ...small)
    assert.is(trained.status, 0, trained.stderr)
    assert.match(trained.stdout, /^test error: greedy /m)
    assert.ok(existsSync(join(home, 'runs', 'Mine-reinforce-001', 'summary.json')))
  })

test('the package has no install script of its own, and its lock file names no host', () => {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  for (const name of ['preinstall', 'install', 'postinstall', 'prepare']) assert.not(name in scripts, name)
  assert.not.match(readFileSync(join(root, 'package-lock.json'), 'utf8'), /"resolved"/)
})

test('the lock file names the builds of every platform, not only of the one it was made on', () => {
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { optionalDependencies?: Record<string, string> }>
  }
  const named = new Set(Object.keys(packages).map((path) => path.replace(/^.*node_modules\//, '')))
  const missing = Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies).flatMap((name) => (named.has(name) ? [] : [`${path} needs ${name}`])),
  )
  assert.equal(missing, [])
})

test.run()
