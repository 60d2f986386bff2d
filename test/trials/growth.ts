// Does memory grow? 20,000 iterations of one training, and many trainers that are made, used and disposed in one process.
//
//     node --expose-gc --conditions=saccade-source --import tsx test/trials/growth.ts [trainers] [workers]
//
// Prints resident megabytes after every 2,000 iterations, and after every fifth trainer, beside what malloc was told.

import '../../src/catalogue.ts'
import { completeConfig } from '../../src/runs/config.ts'
import { Trainer } from '../../src/training/trainer.ts'

const [trainers, workers] = [Number(process.argv[2] ?? 50), Number(process.argv[3] ?? 1)]
const collect = (globalThis as { gc?: () => void }).gc
const megabytes = (): string => {
  collect?.()
  return `${Math.round(process.memoryUsage.rss() / 2 ** 20)} MB`
}
const brief = { evaluateEvery: 100, evaluationRollouts: 1, evaluationItems: 50, workers }
const training = (given: Record<string, unknown>) => completeConfig({ training: { ...brief, ...given } })

console.log(`MALLOC_ARENA_MAX=${process.env.MALLOC_ARENA_MAX ?? 'unset'}, ${workers} workers`)

const long = await Trainer.create(training({ epochs: 10, epochItems: 16_000, batchSize: 8 }))
long.on('epoch', ({ epoch }) => console.log(`${epoch * 2000} iterations: ${megabytes()}`))
await long.train()
await long.dispose()
console.log(`disposed: ${megabytes()}`)

for (let made = 1; made <= trainers; made++) {
  const trainer = await Trainer.create(training({ epochs: 1, epochItems: 256 }))
  await trainer.train()
  await trainer.dispose()
  if (made % 5 === 0) console.log(`${made} trainers: ${megabytes()}`)
}
