// A worker with a made-up training that gives up its jobs quickly: `worker-process.ts <url> <directory> <pause>`. It prints
// what it takes. For queue.test.ts.

import { readAddress } from '../../src/sweep/address.ts'
import { SweepWorker } from '../../src/sweep/queue-worker.ts'
import { fakeTraining } from './support.ts'

const [url, directory, pause] = process.argv.slice(2)
const worker = new SweepWorker({
  address: readAddress(url!),
  directory: directory!,
  jobs: 1,
  runSegment: fakeTraining(Number(pause)),
  silence: 1500,
})
worker.on('take', ({ name, fromEpoch, toEpoch }) => console.log(`take ${name} ${fromEpoch} ${toEpoch}`))
worker.on('warning', (message) => console.log(`warning: ${message}`))
process.on('SIGTERM', () => void worker.close().then(() => process.exit(0)))
await worker.start()
console.log('ready')
