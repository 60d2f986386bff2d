// A definition as an .onnx file.

import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Tensor2D } from '@tensorflow/tfjs-core'
import * as tf from '@tensorflow/tfjs-core'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import type { Definition } from '../../src/engine/engine.ts'
import { exportOnnx } from '../../src/engine/onnx/index.ts'
import { forbidTelemetry } from '../../src/engine/onnx/telemetry.ts'
import './onnx-required.ts'

await forbidTelemetry()
const { InferenceSession, Tensor } = await import('onnxruntime-node')

/** y = relu(x w + b), the first row's sum beside it, x itself handed through, and a constant. */
const definition: Definition = {
  name: 'policy',
  reads: {
    parameters: [
      { name: 'w', shape: [2, 2] },
      { name: 'b', shape: [2] },
    ],
  },
  stages: [{ x: { shape: [1, 2], dtype: 'float32' } }],
  // biome-ignore lint/correctness/useYield: nothing for the host to see in between
  *body({ parameters }, { x }) {
    const y = tf.relu(tf.add(tf.matMul(x as Tensor2D, parameters!.w as Tensor2D), parameters!.b!))
    return { y, again: y, sum: tf.sum(y), same: x!, seven: tf.scalar(7) }
  },
}
// w = [[1, -1], [2, 3]], b = [0.5, -20]
const parameters = Float32Array.of(1, -1, 2, 3, 0.5, -20)
const bytes = exportOnnx(definition, { parameters }, { classes: '10', environment: 'mnist' })

test('an exported model computes what the definition says, under the names of the definition', async () => {
  const session = await InferenceSession.create(bytes)
  assert.equal([...session.inputNames], ['x'])
  assert.equal([...session.outputNames], ['y', 'again', 'sum', 'same', 'seven'])
  const result = await session.run({ x: new Tensor('float32', Float32Array.of(3, 4), [1, 2]) })
  // x w = [3 + 8, -3 + 12] = [11, 9]; + b = [11.5, -11]; relu = [11.5, 0]
  assert.equal(result.y!.dims, [1, 2])
  assert.equal([...(result.y!.data as Float32Array)], [11.5, 0])
  assert.equal([...(result.again!.data as Float32Array)], [11.5, 0])
  assert.equal(result.sum!.dims, [])
  assert.equal([...(result.sum!.data as Float32Array)], [11.5])
  assert.equal([...(result.same!.data as Float32Array)], [3, 4])
  assert.equal([...(result.seven!.data as Float32Array)], [7])
  await session.release()
})

test('the metadata is in the file', () => {
  const text = Buffer.from(bytes).toString('latin1')
  for (const word of ['classes', 'environment', 'mnist', 'saccade']) assert.ok(text.includes(word), word)
})

test('what a model file cannot hold is refused', () => {
  assert.throws(() => exportOnnx(definition, {}), /"policy" reads the vector "parameters"; give its values/)
  assert.throws(() => exportOnnx({ ...definition, writes: ['y'] }, { parameters }), /"policy" writes vectors/)
  const staged = { ...definition, stages: [...definition.stages, {}] }
  assert.throws(() => exportOnnx(staged, { parameters }), /"policy" has 2 stages; only one can be exported/)
})

const python = process.env.ONNX_PYTHON ?? 'python3'
const checked = spawnSync(python, ['-c', 'import onnx']).status === 0
if (!checked) console.log(`skipped: ${python} has no onnx package, so the official checker does not look at the model`)
;(checked ? test : test.skip)("ONNX's own checker accepts the model", () => {
  const folder = mkdtempSync(join(tmpdir(), 'saccade-'))
  const file = join(folder, 'policy.onnx')
  writeFileSync(file, bytes)
  const script = [
    'import sys, onnx',
    'model = onnx.load(sys.argv[1])',
    'onnx.checker.check_model(model, full_check=True)',
    'print([(p.key, p.value) for p in model.metadata_props])',
  ].join('\n')
  const printed = execFileSync(python, ['-c', script, file], { encoding: 'utf8' })
  assert.match(printed, /\('classes', '10'\), \('environment', 'mnist'\)/)
  rmSync(folder, { recursive: true })
})

test.run()
