import { Worker } from 'node:worker_threads'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { abortShare, allocateShare, part, Share } from '../../src/training/share.ts'

test('parts are in order, without gaps, and differ by at most one', () => {
  // 10 things among 3: floor(10/3) = 3, floor(20/3) = 6, 10
  assert.equal(
    [0, 1, 2].map((rank) => part(10, 3, rank)),
    [
      [0, 3],
      [3, 6],
      [6, 10],
    ],
  )
  assert.equal(
    [0, 1, 2].map((rank) => part(1, 3, rank)),
    [
      [0, 0],
      [0, 0],
      [0, 1],
    ],
  )
})

test('a single worker waits for nobody and sums what it has', () => {
  const share = new Share(allocateShare(1, 4), 0)
  share.barrier()
  assert.equal(share.sum([1, 2.5]), [1, 2.5])
  assert.equal([share.from, share.to], [0, 4])
})

/** A thread that adds 10^rank a thousand times through the share, and says the last sum. */
const adder = (rank: number, memory: ReturnType<typeof allocateShare>): Promise<number> =>
  new Promise((resolve, reject) => {
    const source = new URL('../../src/training/share.ts', import.meta.url).href
    const script = `import { register } from ${JSON.stringify(import.meta.resolve('tsx/esm/api'))}
      import { parentPort, workerData } from 'node:worker_threads'
      register()
      const { Share } = await import(${JSON.stringify(source)})
      const share = new Share(workerData.memory, workerData.rank)
      let total = 0
      for (let i = 0; i < 1000; i++) total = share.sum([10 ** workerData.rank + i])[0]
      parentPort.postMessage(total)`
    const thread = new Worker(new URL(`data:text/javascript,${encodeURIComponent(script)}`), {
      workerData: { memory, rank },
    })
    thread.once('message', resolve).once('error', reject)
  })

test('three threads sum a thousand times and all see the same sums', async () => {
  const memory = allocateShare(3, 6)
  const sums = await Promise.all([0, 1, 2].map((rank) => adder(rank, memory)))
  // the last sums are (1 + 999) + (10 + 999) + (100 + 999)
  assert.equal(sums, [3108, 3108, 3108])
})

test('a worker that waits for one that has died is woken and says so', () => {
  const memory = allocateShare(2, 4)
  abortShare(memory)
  // the generation has moved on, and nobody else comes
  assert.throws(() => {
    const share = new Share(memory, 0)
    abortShare(memory)
    share.barrier()
  }, /another worker has died/)
})

test.run()
