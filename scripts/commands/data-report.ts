// What is told of the data before a training begins, which also makes and checks every part of it.

import { warnOfWindow } from '../../src/datasets/report.ts'
import { splits } from '../../src/datasets/split.ts'
import { loadedData } from '../../src/datasets/store.ts'
import { make } from '../../src/env/registry.ts'
import type { RunConfig } from '../../src/runs/config.ts'
import type { Io } from './run.ts'

/** Data sets that were told of: each is once in a process. */
const told = new WeakSet<object>()

/**
 * Make the world of every part, and print what there is to tell of images of the user's own.
 * @throws UserError on whatever is wrong with a part.
 */
export function tellData({ environment }: RunConfig, { json }: { readonly json?: boolean }, io: Io): void {
  const { id, ...options } = environment
  for (const split of splits) make(id, { ...options, split })
  for (const { dataset, fingerprint, report } of loadedData()) {
    if (!dataset.own || told.has(dataset)) continue
    told.add(dataset)
    const { table, notes } = report
    const narrow = isEye(options) ? warnOfWindow(dataset, options) : undefined
    const warnings = [...report.warnings, ...(narrow === undefined ? [] : [narrow])]
    if (json) {
      io.out.write(`${JSON.stringify({ event: 'data', name: dataset.name, ...fingerprint, table, notes, warnings })}\n`)
      continue
    }
    io.out.write(`${[table, ...notes.map((note) => `  ${note}`)].join('\n')}\n`)
    for (const warning of warnings) io.error.write(`warning: ${warning}\n`)
  }
}

type Eye = Parameters<typeof warnOfWindow>[1]

const isEye = (options: Readonly<Record<string, unknown>>): options is Eye & Readonly<Record<string, unknown>> =>
  ['glimpses', 'glimpseSide', 'scales', 'scaleFactor'].every((name) => typeof options[name] === 'number')
