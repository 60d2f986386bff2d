// What is said of a loss of one's own that cannot be learned from, on every engine.

import { add, log, mean, mul, type Scalar, scalar, square, sub, type Tensor } from '@tensorflow/tfjs-core'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { z } from 'zod'
import type { Outputs } from '../../src/agent/agent.ts'
import type { Loss } from '../../src/algorithms/algorithm.ts'
import { registerAlgorithm } from '../../src/algorithms/registry.ts'
import { selectEngine } from '../../src/engine/select.ts'
import { smallConfig, trainOnce } from './help.ts'

const engines: string[] = []
for (const name of ['cpu', 'wasm', 'onnx'])
  await selectEngine(name).then(
    ({ engine }) => {
      engine.dispose()
      engines.push(name)
    },
    () => console.log(`SKIP losses of one's own on engine ${name}: it does not start here`),
  )

const fine = ({ value }: Outputs): Scalar => mean(square(value))

const losses: Readonly<Record<string, (outputs: Outputs) => Loss>> = {
  'return-again': (outputs) => ({ loss: fine(outputs), metrics: { return: fine(outputs) } }),
  'loss-again': (outputs) => ({ loss: fine(outputs), metrics: { loss: fine(outputs) } }),
  'vector-metric': (outputs) => ({
    loss: fine(outputs),
    metrics: { each: mean(outputs.value, 0) as Tensor as Scalar },
  }),
  'vector-loss': ({ value }) => ({ loss: square(value) as Tensor as Scalar, metrics: {} }),
  'no-loss': () => ({ metrics: {} }) as unknown as Loss,
  constant: () => ({ loss: scalar(1), metrics: {} }),
  'not-a-number': (outputs) => ({
    loss: add(fine(outputs), mean(log(sub(outputs.value, outputs.value)))),
    metrics: {},
  }),
  'sum-of-nothing': (outputs) => ({ loss: mul(fine(outputs), scalar(Number.NaN)), metrics: {} }),
}

for (const [name, loss] of Object.entries(losses))
  registerAlgorithm({
    name: `test/${name}`,
    description: 'a loss that cannot be learned from',
    options: z.strictObject({}),
    create: () => ({ name: `test/${name}`, supervision: 'last', scalars: () => ({ std: 0.1 }), loss }),
  })

const messages: Readonly<Record<string, RegExp>> = {
  'return-again':
    /^algorithm test\/return-again: the metric "return" is one of the training's own .*give it another name$/,
  'loss-again': /^algorithm test\/loss-again: the metric "loss" is one of the training's own/,
  'vector-metric': /^algorithm test\/vector-metric: the metric "each" is a tensor of shape \[\d+\]; give a scalar/,
  'vector-loss': /^algorithm test\/vector-loss: the loss is a tensor of shape \[2,\d+\]; give a scalar/,
  'no-loss': /^algorithm test\/no-loss: the loss is missing; give a scalar/,
  constant: /^"learn": the loss depends on no parameter, so nothing can be learned/,
  'not-a-number':
    /^algorithm test\/not-a-number: "loss" is not a finite number in the very first iteration; look at its loss/,
  'sum-of-nothing': /^algorithm test\/sum-of-nothing: "loss" is not a finite number in the very first iteration/,
}

for (const engine of engines)
  for (const [name, message] of Object.entries(messages))
    test(`${engine}: ${name} is refused in words, which blame no learning rate`, async () => {
      const config = smallConfig({
        environment: { id: 'probe/prediction' },
        algorithm: { name: `test/${name}` },
        training: { engine, epochs: 1, epochItems: 8, batchSize: 4, evaluationItems: 4 },
      })
      const refusal = await trainOnce(config).then(
        () => undefined,
        (error: Error) => error,
      )
      assert.match(refusal?.message ?? 'nothing was said', message)
      assert.match(refusal!.name, /^(User|Engine)Error$/)
      assert.not.match(refusal!.message, /learning-rate/)
    })

test.run()
