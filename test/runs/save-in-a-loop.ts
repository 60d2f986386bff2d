// Saves checkpoints in a loop until it is killed: `save-in-a-loop.ts <run> <first number>`. For checkpoint.test.ts.

import { saveCheckpoint } from '../../src/runs/checkpoint.ts'
import type { RunConfig } from '../../src/runs/config.ts'

const [run, first] = process.argv.slice(2)
const rest = {
  iteration: 0,
  sums: {},
  seconds: 0,
  config: {} as RunConfig,
  layout: [{ name: 'kernel', shape: [300, 300] }],
}
for (let epoch = Number(first); ; epoch++) {
  const tensors = { parameters: new Float32Array(90000).fill(epoch), moment1: new Float32Array(90000) }
  saveCheckpoint(run!, 'last', { ...rest, epoch, steps: epoch, tensors })
  process.send!(epoch)
  await new Promise((done) => setImmediate(done))
}
