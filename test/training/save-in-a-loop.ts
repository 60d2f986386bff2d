// Saves checkpoints in a loop until it is killed: `save-in-a-loop.ts <run> <first number>`. For checkpoint.test.ts.

import { type Checkpoint, saveCheckpoint } from '../../src/training/checkpoint.ts'

const [run, first] = process.argv.slice(2)
const layout = [{ name: 'kernel', shape: [300, 300] }]
for (let epoch = Number(first); ; epoch++) {
  const tensors = { parameters: new Float32Array(90000).fill(epoch), moment1: new Float32Array(90000) }
  saveCheckpoint(run!, 'last', {
    epoch,
    iteration: 0,
    sums: {},
    seconds: 0,
    config: {},
    layout,
    tensors,
  } as unknown as Checkpoint)
  process.send!(epoch)
  await new Promise((done) => setImmediate(done))
}
