// The types as a stranger's compiler sees them, everybody's declarations checked too (`skipLibCheck: false`), no types but
// those that are imported, and no optional package. Needs a fresh `npm run build`.

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { isBuilt, type Project, strangersProject } from './stranger.ts'

const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc')

const consumer = `
import { type Environment, make, registerAlgorithm, z } from 'saccade'
import { Box, checkEnvironment, Discrete } from 'saccade/env'
import { type Agent, initialState, makeAgent } from 'saccade/agent'
import { type Algorithm, makeAlgorithm, policyGradientLoss, policyTerms, total } from 'saccade/algorithms'
import { createEagerEngine, type Engine } from 'saccade/engine'
import { completeConfig, type RunConfig, Trainer } from 'saccade/training'
import { loadAgent, type Look } from 'saccade/inference'

const world: Environment = make('Catch')
checkEnvironment(world)
const heads = [{ name: 'location', space: new Box(-1, 1, [2]) }, { name: 'prediction', space: new Discrete(3) }]
const agent: Agent = makeAgent('ram', {}, { observation: { glimpse: [1, 8, 8, 1], location: [2] }, heads, horizon: 2 })
registerAlgorithm({
  name: 'own',
  description: 'reward alone',
  options: z.strictObject({ weight: z.number().default(1) }),
  create: ({ weight }) => ({
    name: 'own',
    supervision: 'none',
    scalars: () => ({ std: 0.1 * weight }),
    loss: (outputs, trajectory, scalars) => ({
      loss: total(policyTerms(outputs, trajectory, scalars).map((term) => policyGradientLoss(term, trajectory.reward))),
      metrics: {},
    }),
  }),
})
const config: RunConfig = completeConfig({ environment: { id: 'Catch' } })
export const state = initialState(agent, 1)
export const algorithm: Algorithm = makeAlgorithm('reinforce')
export const engine: Promise<Engine> = createEagerEngine('cpu', 'cpu', 'plain JavaScript')
export const trainer: Promise<Trainer> = Trainer.create(config)
export const look: Promise<Look> = loadAgent('x').then((agent) => agent.look({ pixels: new Uint8Array(4), height: 2, width: 2 }))
// @ts-expect-error the number of categories is one
export const wrong: Discrete = new Discrete('three')
`

/** How imports are resolved, with what else that asks for. */
const ways = {
  NodeNext: { module: 'NodeNext' },
  'a bundler': { module: 'ESNext', moduleResolution: 'bundler', lib: ['ES2022', 'DOM'] },
  'a bundler for browsers': {
    ...{ module: 'ESNext', moduleResolution: 'bundler', lib: ['ES2022', 'DOM'], customConditions: ['browser'] },
  },
}

if (isBuilt()) {
  let project: Project
  test.before(() => {
    project = strangersProject({ bare: true })
    project.write('consumer.ts', consumer)
  })

  test('types are found and fit, resolved as by NodeNext and as by bundlers', async () => {
    const found = Object.entries(ways).map(async ([way, options], i) => {
      const strict = { target: 'ES2022', strict: true, skipLibCheck: false, noEmit: true, types: [] }
      const file = join(project.home, `tsconfig.${i}.json`)
      project.write(
        `tsconfig.${i}.json`,
        JSON.stringify({ compilerOptions: { ...strict, ...options }, files: ['consumer.ts'] }),
      )
      const child = spawn(process.execPath, [tsc, '-p', file, '--pretty', 'false'])
      let output = ''
      child.stdout.on('data', (chunk) => (output += chunk))
      const [code] = await once(child, 'close')
      return { way, code, output }
    })
    assert.equal(
      await Promise.all(found),
      Object.keys(ways).map((way) => ({ way, code: 0, output: '' })),
    )
  })
}

test.run()
