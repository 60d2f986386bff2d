import { Worker } from 'node:worker_threads'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { AllReduce, abortShared, allocateShared, shardRange } from '../../src/training/all-reduce.ts'

test('parts are in order, without gaps, and differ by at most one', () => {
  // 10 things among 3: floor(10/3) = 3, floor(20/3) = 6, 10
  assert.equal(
    [0, 1, 2].map((rank) => shardRange(10, 3, rank)),
    [
      [0, 3],
      [3, 6],
      [6, 10],
    ],
  )
  assert.equal(
    [0, 1, 2].map((rank) => shardRange(1, 3, rank)),
    [
      [0, 0],
      [0, 0],
      [0, 1],
    ],
  )
})

test('a single worker waits for nobody and sums what it has', () => {
  const reduce = new AllReduce(allocateShared(1, 4), 0)
  reduce.barrier()
  assert.equal(reduce.sumShards([[0, [1, 2.5]]]).slice(0, 2), [1, 2.5])
})

/** A thread that adds 10^rank a thousand times with the others, as numbers and as gradients, and says the last sums. */
const adder = (rank: number, memory: ReturnType<typeof allocateShared>): Promise<number[]> =>
  new Promise((resolve, reject) => {
    const source = new URL('../../src/training/all-reduce.ts', import.meta.url).href
    const script = `import { register } from ${JSON.stringify(import.meta.resolve('tsx/esm/api'))}
      import { parentPort, workerData } from 'node:worker_threads'
      register()
      const { AllReduce } = await import(${JSON.stringify(source)})
      const reduce = new AllReduce(workerData.memory, workerData.rank)
      const { rank } = workerData
      let [total, wrong] = [0, 0]
      for (let i = 0; i < 1000; i++) {
        total = reduce.sumShards([[rank, [10 ** rank + i]]])[0]
        reduce.gradient(rank).fill(10 ** rank + i)
        const seen = reduce.gather().map((gradient) => gradient.reduce((sum, value) => sum + value))
        if (seen.some((sum, shard) => sum !== 6 * (10 ** shard + i))) wrong++
        reduce.gradient(rank).fill(10 ** rank + i)
        if (reduce.total().some((sum) => sum !== 111 + 3 * i)) wrong++
      }
      parentPort.postMessage([total, wrong])`
    const thread = new Worker(new URL(`data:text/javascript,${encodeURIComponent(script)}`), {
      workerData: { memory, rank },
    })
    thread.once('message', resolve).once('error', reject)
  })

test('three threads sum a thousand times and all see the same sums', async () => {
  const memory = allocateShared(3, 6)
  const sums = await Promise.all([0, 1, 2].map((rank) => adder(rank, memory)))
  // the last sums are (1 + 999) + (10 + 999) + (100 + 999)
  assert.equal(sums, new Array(3).fill([3108, 0]))
})

test('a worker that waits for one that has died is woken and says so', () => {
  const memory = allocateShared(2, 4)
  abortShared(memory)
  // the generation has moved on, and nobody else comes
  assert.throws(() => {
    const reduce = new AllReduce(memory, 0)
    abortShared(memory)
    reduce.barrier()
  }, /another worker has died/)
})

test.run()
