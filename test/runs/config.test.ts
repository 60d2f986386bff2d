// Where a run's options come from: what was given, over the world's recipe, over the algorithm's, over the general defaults.

import { test } from 'uvu'
import * as assert from 'uvu/assert'
import '../../src/catalogue.ts'
import { z } from 'zod'
import { registerEnvironment } from '../../src/env/registry.ts'
import { make } from '../../src/index.ts'
import { completeConfig } from '../../src/runs/config.ts'

registerEnvironment({
  id: 'Recipe',
  description: 'a world with a recipe for everything',
  options: z.strictObject({ colour: z.string().default('grey') }),
  recipe: {
    environment: { colour: 'red' },
    agent: { hiddenUnits: 7, whatever: 1 },
    algorithm: { name: 'a2c', std: 0.2, lambda: 0.5, clipRange: 0.3 },
    training: { epochs: 3, rollouts: 2 },
  },
  create: () => {
    throw new Error('never made')
  },
})

test("a world's recipe stands over the general defaults, and what was given over the recipe", () => {
  const usual = completeConfig({ environment: { id: 'Recipe' } })
  assert.is(usual.environment.colour, 'red')
  assert.is(usual.agent.hiddenUnits, 7)
  assert.is(usual.algorithm.std, 0.2)
  assert.is(usual.training.epochs, 3)
  const own = completeConfig({
    environment: { id: 'Recipe', colour: 'blue' },
    agent: { hiddenUnits: 8 },
    algorithm: { std: 0.4 },
    training: { epochs: 5 },
  })
  assert.equal(
    [own.environment.colour, own.agent.hiddenUnits, own.algorithm.std, own.training.epochs],
    ['blue', 8, 0.4, 5],
  )
})

test('a recipe names the algorithm to take where none is named; another takes the options that it knows', () => {
  assert.is(completeConfig({ environment: { id: 'Recipe' } }).algorithm.name, 'a2c')
  const { algorithm } = completeConfig({ environment: { id: 'Recipe' }, algorithm: { name: 'ppo' } })
  assert.equal([algorithm.name, algorithm.lambda, algorithm.clipRange], ['ppo', 0.5, 0.3])
  assert.is(completeConfig({}).algorithm.name, 'reinforce')
})

test("a world's recipe wins over the algorithm's", () => {
  assert.is(completeConfig({ algorithm: { name: 'rloo' } }).training.rollouts, 4)
  assert.is(completeConfig({ environment: { id: 'Recipe' }, algorithm: { name: 'rloo' } }).training.rollouts, 2)
})

test('recipes are for training: make knows nothing of them', () => {
  const trained = completeConfig({ environment: { id: 'ClutteredMNIST' } })
  assert.is(trained.environment.reward, 'gain')
  assert.is(make('ClutteredMNIST').actionSpace.belief, undefined)
  assert.ok(make('ClutteredMNIST', { reward: 'gain' }).readsProbabilities)
})

test.run()
