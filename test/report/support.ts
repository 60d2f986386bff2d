// What the tests of pictures have in common: a run as a training leaves it, of a small agent that has learned nothing.

import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import '../../src/catalogue.ts'
import { saveCheckpoint } from '../../src/runs/checkpoint.ts'
import { completeConfig, type PartialConfig } from '../../src/runs/config.ts'
import { createPlan, firstVectors } from '../../src/training/plan.ts'

/** A run's directory with two epochs and a checkpoint. */
export function newRun(given: PartialConfig = {}): string {
  const path = join(mkdtempSync(join(tmpdir(), 'saccade-')))
  const config = completeConfig({
    environment: given.environment ?? { id: 'MNIST', glimpses: 3 },
    agent: { whatUnits: 8, whereUnits: 4, featureUnits: 8, hiddenUnits: 8, locatorUnits: 4, ...given.agent },
    algorithm: { name: 'reinforce', ...given.algorithm },
    training: { epochs: 2, ...given.training },
  })
  const plan = createPlan(config)
  writeFileSync(join(path, 'config.json'), JSON.stringify(config))
  writeFileSync(
    join(path, 'metrics.jsonl'),
    [1, 2].map((epoch) => `${JSON.stringify({ epoch, epochs: 2, train: { loss: 3 - epoch } })}\n`).join(''),
  )
  saveCheckpoint(path, 'best', {
    ...{ epoch: 2, iteration: 0, steps: 2, sums: {}, seconds: 1, config, layout: plan.agent.layout },
    tensors: firstVectors(config, plan),
  })
  return path
}
