// Worlds by name, with and without a version.

import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { z } from 'zod'
import '../../src/catalogue.ts'
import type { Environment } from '../../src/env/environment.ts'
import { EnvironmentRegistry, environments, make } from '../../src/env/registry.ts'
import { completeConfig } from '../../src/runs/config.ts'

const definition = (id: string, version?: number) => ({
  id,
  ...(version !== undefined && { version }),
  description: `version ${version}`,
  options: z.strictObject({}),
  create: () => ({}) as Environment,
})

test('an id without a version is the newest, one with a version is that', () => {
  const registry = new EnvironmentRegistry()
  for (const version of [2, 10, 1]) registry.register(definition('Maze', version))
  assert.is(registry.fullId('Maze'), 'Maze-v10')
  assert.is(registry.fullId('Maze-v2'), 'Maze-v2')
  assert.is(registry.get('Maze').description, 'version 10')
  assert.is(registry.get('Maze-v1').description, 'version 1')
  assert.equal(registry.names(), ['Maze'])
})

test('a world that says no version is the first', () => {
  const registry = new EnvironmentRegistry()
  registry.register(definition('Maze'))
  assert.is(registry.fullId('Maze'), 'Maze-v1')
})

test('a version that is not there is refused with those that are, a name with the nearest', () => {
  const registry = new EnvironmentRegistry()
  registry.register(definition('Maze', 1))
  registry.register(definition('Maze', 3))
  assert.throws(
    () => registry.get('Maze-v2'),
    /^environment "Maze-v2": there is no such version; known: Maze-v1, Maze-v3$/,
  )
  assert.throws(() => registry.get('Mase'), /^unknown environment "Mase"; did you mean "Maze"\?$/)
  assert.throws(() => registry.get('Mase-v1'), /^unknown environment "Mase-v1"; did you mean "Maze"\?$/)
})

test('a version is a positive integer and no part of the id, and is taken once', () => {
  const registry = new EnvironmentRegistry()
  registry.register(definition('Maze', 1))
  assert.throws(() => registry.register(definition('Maze', 1)), /"Maze-v1" is already registered/)
  assert.throws(() => registry.register(definition('Maze-v2')), /an id has no version in it/)
  assert.throws(() => registry.register(definition('Other', 0)), /a version is an integer from 1 on/)
  assert.throws(() => registry.register(definition('Other', 1.5)), /a version is an integer from 1 on/)
  assert.throws(() => registry.register(definition('')), /must not be empty/)
})

test('a configuration writes down the version, and what is built in is the same under both names', () => {
  assert.is(completeConfig({ environment: { id: 'Catch' } }).environment.id, 'Catch-v1')
  assert.is(completeConfig({ environment: { id: 'Catch-v1' } }).environment.id, 'Catch-v1')
  const start = (id: string) => make(id).reset({ seed: 1, items: [5] })
  assert.equal(start('Catch-v1'), start('Catch'))
  assert.is(environments.originOf('Catch'), 'built-in')
})

test.run()
