// Whether libtensorflow computes here through tfjs-node, with the project's own tfjs-core, and how fast: kernels, a
// gradient, leaks, matrix products. Needs `build.sh --link` or an installed tfjs-node. Training is measured elsewhere.

import { createRequire } from 'node:module'
import * as tf from '@tensorflow/tfjs-core'
import '@tensorflow/tfjs-backend-cpu'

const util = createRequire(import.meta.url)('node:util') as Record<string, unknown>
util.isNullOrUndefined ??= (value: unknown) => value === null || value === undefined // gone in Node 23
util.isArray ??= Array.isArray

const packageName = '@tensorflow/tfjs-node'
const loaded = (await import(packageName)) as typeof tf & { default?: typeof tf }
const node = loaded.default ?? loaded
await tf.setBackend('tensorflow')
const backend = tf.backend() as unknown as { isUsingGpuDevice: boolean; binding: { TF_Version: string } }
console.log(
  `libtensorflow ${backend.binding.TF_Version} on the ${backend.isUsingGpuDevice ? 'GPU' : 'CPU'}, Node ${process.version},`,
  `TF_NUM_INTRAOP_THREADS=${process.env.TF_NUM_INTRAOP_THREADS ?? 'unset'};`,
  node.engine() === tf.engine() ? 'one tfjs-core' : 'TWO copies of tfjs-core',
)

const kernels = (name: string): Set<string> => new Set(tf.getKernelsForBackend(name).map((kernel) => kernel.kernelName))
const own = kernels('tensorflow')
const missing = [...kernels('cpu')].filter((name) => !own.has(name))
console.log(`${own.size} kernels; the cpu backend has besides: ${missing.join(', ')}`)

// x = [[1, 2], [3, 4]], f = sum((x x)^2), x x = y = [[7, 10], [15, 22]]; df/dx = 2 (y x' + x' y)
const x = tf.tensor2d([1, 2, 3, 4], [2, 2])
const square = tf.grad((a: tf.Tensor) => tf.sum(tf.square(tf.matMul(a as tf.Tensor2D, a as tf.Tensor2D))))
console.log(`gradient ${square(x).dataSync().join(' ')}; expected 158 274 266 482`)

/** Tensors and megabytes alive after many gradients; the pause lets Node finalise what it has collected. */
async function occupied(): Promise<{ tensors: number; megabytes: number }> {
  for (let i = 0; i < 5000; i++) tf.tidy(() => square(x).dataSync())
  await new Promise((resolve) => setTimeout(resolve, 100))
  return { tensors: tf.memory().numTensors, megabytes: process.memoryUsage.rss() / 2 ** 20 }
}
await occupied()
const before = await occupied()
const after = await occupied()
console.log(
  `5000 more gradients in tf.tidy: ${after.tensors - before.tensors} tensors and`,
  `${(after.megabytes - before.megabytes).toFixed(1)} MB more`,
)

/** Microseconds of one call: the best of ten rounds. */
function time(calls: number, run: () => tf.Tensor): number {
  let best = Infinity
  for (let round = 0; round < 10; round++) {
    const start = process.hrtime.bigint()
    for (let i = 0; i < calls; i++) run().dispose()
    best = Math.min(best, Number(process.hrtime.bigint() - start) / 1e3 / calls)
  }
  return best
}

const small = tf.ones([8, 8])
const wide = tf.ones([128, 256])
const cheap = {
  'add [8, 8]': () => tf.add(small, small),
  'relu [128, 256]': () => tf.relu(wide),
  'sum over axis 0 [128, 256]': () => tf.sum(wide, 0),
}
for (const [name, run] of Object.entries(cheap)) console.log(`${name}: ${time(200, run).toFixed(1)} us`)

for (const [m, k, n] of [
  [128, 256, 256],
  [768, 256, 256],
  [1024, 1024, 1024],
] as const) {
  const [a, b, aT, bT] = [
    tf.randomNormal([m, k]),
    tf.randomNormal([k, n]),
    tf.randomNormal([k, m]),
    tf.randomNormal([n, k]),
  ]
  const work = 2 * m * k * n
  const rate = (run: () => tf.Tensor): string => (work / 1e3 / time(Math.max(1, 4e8 / work), run)).toFixed(0)
  console.log(
    `matMul ${m}x${k}x${n}, GFLOP/s: plain ${rate(() => tf.matMul(a, b))},`,
    `transposeA ${rate(() => tf.matMul(aT, b, true))}, transposeB ${rate(() => tf.matMul(a, bT, false, true))}`,
  )
}
