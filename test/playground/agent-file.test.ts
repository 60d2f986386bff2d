import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import '../../src/catalogue.ts'
import { playgroundAssets } from '../../scripts/pages.ts'
import { agentForPlayground } from '../../scripts/playground-assets.ts'
import { fromFloat16, toFloat16 } from '../../src/core/float16.ts'
import { decodeAgentFile } from '../../src/inference/agent-file.ts'
import { saveCheckpoint } from '../../src/runs/checkpoint.ts'
import { completeConfig, type PartialConfig } from '../../src/runs/config.ts'
import { createPlan } from '../../src/training/plan.ts'

const small = { whatUnits: 8, whereUnits: 8, featureUnits: 8, hiddenUnits: 8, locatorUnits: 0 }

/** A run with a best checkpoint, optimiser moments and all. */
function newRun(given: PartialConfig): { path: string; parameters: Float32Array } {
  const path = join(mkdtempSync(join(tmpdir(), 'saccade-')), 'run')
  mkdirSync(path)
  const config = completeConfig(given)
  const { layout, init } = createPlan(config).agent
  const parameters = init(1)
  const moment1 = new Float32Array(parameters.length)
  writeFileSync(join(path, 'config.json'), JSON.stringify(config))
  saveCheckpoint(path, 'best', {
    ...{ epoch: 4, iteration: 0, steps: 9, sums: {}, seconds: 1, config, layout },
    tensors: { parameters, moment1, moment2: moment1 },
  })
  return { path, parameters }
}

test("an agent's file has its parameters in order, in float16, and its options, and no optimiser state", async () => {
  const { path, parameters } = newRun({ agent: small })
  const { card, ...file } = decodeAgentFile(await agentForPlayground(path), 'agent')
  assert.equal(file.parameters, fromFloat16(toFloat16(parameters)))
  assert.is(file.layout[0]!.name, 'glimpse.what.kernel')
  assert.is(card.epoch, 4)
  assert.is(card.agent.hiddenUnits, 8)
  assert.is(card.environment.glimpses, 6)
  assert.is(card.environment.clutter, undefined)
})

test('what it was trained on tells how large the scene is and how much clutter there was', async () => {
  const { path } = newRun({ environment: { id: 'ClutteredMNIST', canvasSide: 40, clutter: 2 }, agent: small })
  const { card } = decodeAgentFile(await agentForPlayground(path), 'agent')
  assert.equal([card.environment.canvasSide, card.environment.clutter], [40, 2])
})

test('an agent of another world is refused, and one that is too large to be loaded', async () => {
  await refused(newRun({ environment: { id: 'probe/prediction' }, agent: small }).path, /MNIST.*probe\/prediction/)
  await refused(newRun({ agent: { hiddenUnits: 1024 } }).path, /MB/)
})

test('the agent that comes along is one of these files', () => {
  const { card } = decodeAgentFile(playgroundAssets().get('agent.safetensors')!, 'agent')
  assert.equal([card.environment.id, card.agent.name, card.world.horizon], ['MNIST-v1', 'ram', 6])
})

async function refused(path: string, message: RegExp): Promise<void> {
  const error = await agentForPlayground(path).then(
    () => undefined,
    (thrown: Error) => thrown,
  )
  assert.is(error?.name, 'UserError')
  assert.match(error!.message, message)
}

test.run()
