// What package.json and package-lock.json promise to those who install.

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { fastPackages } from '../../scripts/commands/missing.ts'
import { lockedPackages, root } from './stranger.ts'

const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))

test('the package has no install script of its own, and its lock file names no host', () => {
  for (const name of ['preinstall', 'install', 'postinstall', 'prepare']) assert.not(name in manifest.scripts, name)
  assert.not.match(readFileSync(join(root, 'package-lock.json'), 'utf8'), /"resolved"/)
})

test('the lock file names the builds of every platform, not only of the one it was made on', () => {
  const packages = lockedPackages()
  const named = new Set(Object.keys(packages).map((path) => path.replace(/^.*node_modules\//, '')))
  const missing = Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
    Object.keys(optionalDependencies).flatMap((name) => (named.has(name) ? [] : [`${path} needs ${name}`])),
  )
  assert.equal(missing, [])
})

test('in a clone no install script runs, and npm knows every line of its settings', () => {
  const settings = readFileSync(join(root, '.npmrc'), 'utf8').split('\n')
  assert.equal(
    settings.filter((line) => line !== '' && !line.startsWith('#')),
    ['ignore-scripts=true'],
  )
  // npm then skips these too
  for (const name of Object.keys(manifest.scripts)) assert.not.match(name, /^(pre|post)/)
})

test('the packages of the fast engine are those that are named where they are missing', () => {
  assert.equal(
    Object.entries(fastPackages).map(([name, version]) => [name, version]),
    Object.keys(fastPackages).map((name) => [name, manifest.optionalDependencies[name]]),
  )
})

test('every version is exact, but that of a queue that is brought along', () => {
  const { dependencies, optionalDependencies, devDependencies, peerDependencies } = manifest
  const all = { ...dependencies, ...optionalDependencies, ...devDependencies, ...peerDependencies }
  const ranges = Object.entries(all).filter(([, version]) => !/^\d+\.\d+\.\d+$/.test(String(version)))
  assert.equal(ranges, [['ioredis', '^5.4.0']])
})

test('libtensorflow is a peer that is never fetched unasked', () => {
  for (const name of ['@tensorflow/tfjs-node', '@tensorflow/tfjs-node-gpu']) {
    assert.is(manifest.peerDependencies[name], '4.22.0', name)
    assert.equal(manifest.peerDependenciesMeta[name], { optional: true }, name)
    assert.not(`node_modules/${name}` in lockedPackages(), name)
  }
})

test.run()
