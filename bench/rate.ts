// The machine's rate: plain float32 matrix products on ONNX Runtime.

import { spawn } from 'node:child_process'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const here = dirname(fileURLToPath(import.meta.url))

/** GFLOP/s of so many processes together, a thread each: the best of several sizes, measured for so many milliseconds each. */
export async function rawRate(processes: number, milliseconds: number): Promise<number> {
  const script = `
    import * as tf from '@tensorflow/tfjs-core'
    import { createOnnxEngine } from ${JSON.stringify(join(here, '../src/engine/onnx/index.ts'))}
    const engine = await createOnnxEngine()
    let best = 0
    for (const [m, k, n] of [[128, 256, 256], [768, 256, 256], [1024, 1024, 1024]]) {
      const a = engine.vector(m * k), b = engine.vector(k * n)
      a.write(Float32Array.from({ length: m * k }, Math.random)); b.write(Float32Array.from({ length: k * n }, Math.random))
      const program = engine.compile({ name: 'raw', reads: { a: [{ name: 'v', shape: [m, k] }], b: [{ name: 'v', shape: [k, n] }] }, stages: [{}],
        *body({ a, b }) { yield* []; return { o: tf.matMul(a.v, b.v) } } })
      const end = performance.now() + ${milliseconds}
      const times = []
      while (performance.now() < end) { const t = performance.now(); await program.run({ a, b }, () => ({})); times.push(performance.now() - t) }
      times.sort((x, y) => x - y)
      best = Math.max(best, 2e-6 * m * k * n / times[Math.floor(times.length / 20)])
    }
    console.log(best)`
  const one = (): Promise<number> =>
    new Promise((resolve) => {
      const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script], {
        cwd: join(here, '..'),
      })
      let out = ''
      child.stdout.on('data', (chunk) => (out += chunk))
      child.on('close', () => resolve(Number(out) || 0))
    })
  const rates = await Promise.all(Array.from({ length: processes }, one))
  return rates.reduce((sum, rate) => sum + rate, 0)
}
