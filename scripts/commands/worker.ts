// `worker`: train what sweeps put on a queue, on any machine that reaches its Redis.

import { availableParallelism } from 'node:os'
import { resolve } from 'node:path'
import { Command } from 'commander'
import '../../src/catalogue.ts'
import { importGiven, resolveModule } from '../../src/runs/imports.ts'
import { text } from './flags.ts'
import type { Io } from './run.ts'
import { listenForSignals } from './signals.ts'
import { positive } from './sweep.ts'

type Flags = {
  readonly queue: string
  readonly credentials?: string
  readonly out: string
  readonly jobs?: number
  readonly import?: string[]
  readonly data?: string[]
}

export function workerCommand(_args: readonly string[], io: Io): Command {
  return new Command('worker')
    .description('Take trials of sweeps off a queue and train them here, until told to stop.')
    .requiredOption('--queue <url>', 'the queue, at redis://HOST:PORT', text)
    .option('--credentials <file>', 'username and password of Redis; or SACCADE_REDIS_USERNAME and _PASSWORD', text)
    .option('--out <dir>', 'where run directories are kept', text, 'runs/worker')
    .option('--jobs <count>', 'trainings at once (default: as many as cores)', positive)
    .option('--import <module>', 'a module of your own that jobs may use; repeatable: no other runs', several)
    .option('--data <dir>', 'a directory that jobs may read images from; repeatable: no other is read', several)
    .option('--debug', 'show stack traces')
    .action((flags: Flags) => work(flags, io))
}

const several = (value: string, before: string[] = []): string[] => [...before, text(value)]

async function work(flags: Flags, io: Io): Promise<void> {
  const { queue, credentials, out, jobs = availableParallelism() } = flags
  const { placeOf, readAddress } = await import('../../src/sweep/address.ts')
  const { SweepWorker } = await import('../../src/sweep/queue-worker.ts')
  const address = readAddress(queue, credentials)
  const imports = (flags.import ?? []).map((module) => resolveModule(module))
  await importGiven(imports)
  const allowed = { imports, data: (flags.data ?? []).map((directory) => resolve(directory)) }
  const worker = new SweepWorker({ address, directory: out, jobs, allowed })
  worker.on('take', ({ name, fromEpoch, toEpoch }) =>
    io.out.write(`trial ${name}: from epoch ${fromEpoch} to ${toEpoch}\n`),
  )
  worker.on('done', ({ name, outcome }) =>
    io.out.write(`trial ${name}: ${outcome.status}${'error' in outcome ? `: ${outcome.error}` : ''}\n`),
  )
  worker.on('warning', (message) => io.error.write(`warning: ${message}\n`))
  await worker.start()
  io.out.write(`working for ${placeOf(address)}, ${jobs} at once, in ${out}\n`)
  await new Promise<void>((done, reject) => {
    const stop = async (): Promise<void> => {
      await worker.close()
      signals.done()
      done()
    }
    const signals = listenForSignals(io, 'stopping at the next checkpoint')
    signals.onStop(() => void stop())
    worker.on('broken', (error) => void stop().then(() => reject(error)))
  })
}
