// Does a finished process end? Starts many, one after the other, that load ONNX Runtime, compute, and come to their end, and
// counts those that do: `node --import tsx test/trials/exits.ts [count]`. Not part of the tests: it takes minutes.

import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'

const count = Number(process.argv[2] ?? 200)
/** Milliseconds after its last word after which a process is taken to hang. */
const patience = 60_000

const engine = new URL('../../src/engine/onnx/index.ts', import.meta.url).href

/** What a worker thread does: it learns TypeScript, and loads the engine. */
const thread = `
  import { register } from ${JSON.stringify(import.meta.resolve('tsx/esm/api'))}
  register()
  const { createOnnxEngine } = await import(${JSON.stringify(engine)})
  await createOnnxEngine()`
const threadModule = `data:text/javascript,${encodeURIComponent(thread)}`

/** Computes in the main thread, once so many threads have loaded the engine and ended. */
const script = (threads: number): string => `
  import { Worker } from 'node:worker_threads'
  import { matMul } from '@tensorflow/tfjs-core'
  import { createOnnxEngine } from ${JSON.stringify(engine)}
  const engine = await createOnnxEngine()
  const program = engine.compile({ name: 'square', reads: {}, stages: [{ x: { shape: [2, 2], dtype: 'float32' } }],
    *body(_, { x }) { yield* []; return { square: matMul(x, x) } } })
  const ended = (worker) => new Promise((resolve) => worker.on('exit', resolve))
  await Promise.all(Array.from({ length: ${threads} }, () => ended(new Worker(new URL(${JSON.stringify(threadModule)})))))
  await program.run({}, () => ({ x: Float32Array.of(1, 2, 3, 4) }))
  console.log('computed')`

/** What each thread of a process waits for, as Linux says, and where that is, as gdb says if it is here. */
function whereItHangs(pid: number): string {
  const tasks = `/proc/${pid}/task`
  const of = (task: string, file: string): string => readFileSync(`${tasks}/${task}/${file}`, 'utf8').trim()
  const waits = readdirSync(tasks).map(
    (task) =>
      `${of(task, 'comm')}: ${of(task, 'stat').split(' ')[2]} ${of(task, 'wchan')} ${of(task, 'syscall').split(' ')[0]}`,
  )
  const gdb = spawnSync('gdb', ['-p', `${pid}`, '-batch', '-ex', 'thread apply all bt'], { encoding: 'utf8' })
  return `${waits.join('; ')}\n${gdb.stdout ?? ''}`
}

let longest = 0
const tally = { ended: 0, hung: 0, failed: 0 }
for (let i = 0; i < count; i++) {
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', script(i % 2 === 1 ? 2 : 0)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let [computed, hung, timer] = [0, false, undefined as NodeJS.Timeout | undefined]
  child.stdout.once('data', () => {
    computed = performance.now()
    timer = setTimeout(() => {
      console.log(whereItHangs(child.pid!))
      hung = true
      child.kill('SIGKILL')
    }, patience)
  })
  const [code, signal] = await once(child, 'close')
  clearTimeout(timer)
  longest = Math.max(longest, performance.now() - computed)
  if (hung) tally.hung++
  else if (code === 0 && computed > 0) tally.ended++
  else {
    tally.failed++
    console.log(`process ${i} ended with ${signal ?? code}${computed > 0 ? '' : ' before it had computed'}`)
  }
  if ((i + 1) % 20 === 0) console.log(`${i + 1} of ${count}: ${JSON.stringify(tally)}`)
}
console.log(
  `${count} processes: ${tally.ended} ended, ${tally.hung} hung, ${tally.failed} failed; the longest took ${(longest / 1000).toFixed(1)} s to end`,
)
process.exitCode = tally.ended === count ? 0 : 1
