// A run directory as bytes, so that it can go where no file system is shared: configuration, metrics, summary and
// checkpoints; no pictures and no event files. A length, a table of contents in JSON, the files one after the other.

import { readFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { UserError } from '../core/errors.ts'
import { inWords, isMissing, writeWhole } from '../runs/files.ts'

type Contents = readonly { readonly path: string; readonly size: number }[]

/** What may be in it; nothing else is ever written where it arrives. */
const allowed = /^(config\.json|metrics\.jsonl|summary\.json|checkpoints\/(last|best)\/\w[\w.-]*)$/

/** A run's files as of now, while another process may be training in it; undefined where there is no run yet. */
export function packRun(directory: string): Buffer | undefined {
  // checkpoints first: what was written between the two is one epoch too many, which going on takes away
  const checkpoints = (['last', 'best'] as const).flatMap((kind) => checkpointFiles(directory, kind))
  const files = ['config.json', 'metrics.jsonl', 'summary.json'].flatMap((path) => {
    const data = readIfThere(join(directory, path))
    return data ? [{ path, data }] : []
  })
  if (files[0]?.path !== 'config.json') return undefined
  const all = [...files, ...checkpoints]
  const contents = Buffer.from(JSON.stringify(all.map(({ path, data }) => ({ path, size: data.length }))))
  const length = Buffer.alloc(4)
  length.writeUInt32LE(contents.length)
  return Buffer.concat([length, contents, ...all.map(({ data }) => data)])
}

/** Put a run where it belongs, in place of whatever was there. @throws UserError where it cannot be written. */
export function unpackRun(bytes: Buffer, directory: string): void {
  const begin = 4 + bytes.readUInt32LE(0)
  const contents = JSON.parse(bytes.subarray(4, begin).toString()) as Contents
  const beside = `${directory}.arriving`
  try {
    rmSync(beside, { recursive: true, force: true })
    let from = begin
    for (const { path, size } of contents) {
      if (!allowed.test(path))
        throw new UserError(`a run arrived with the file ${JSON.stringify(path)}, which no run has`)
      writeWhole(join(beside, path), bytes.subarray(from, from + size))
      from += size
    }
    rmSync(directory, { recursive: true, force: true })
    renameSync(beside, directory)
  } catch (error) {
    throw inWords(error, `cannot write ${directory}`)
  }
}

/** How far a run has come: epochs of its last checkpoint and the share of iterations after it; infinite at its end; 0 where there is none. */
export function positionOf(directory: string): number {
  if (readIfThere(join(directory, 'summary.json'))) return Number.POSITIVE_INFINITY
  const state = readIfThere(join(directory, 'checkpoints', 'last', 'state.json'))
  if (!state) return 0
  const { epoch, iteration } = JSON.parse(state.toString()) as { epoch: number; iteration: number }
  return epoch + iteration / (iteration + 1)
}

/** A checkpoint's two files that belong together: the trainer may replace them between two reads. */
function checkpointFiles(directory: string, kind: 'last' | 'best'): { path: string; data: Buffer }[] {
  const at = (name: string): string => join('checkpoints', kind, name)
  for (let attempt = 0; attempt < 5; attempt++) {
    const state = readIfThere(join(directory, at('state.json')))
    if (!state) return []
    const { tensorFile } = JSON.parse(state.toString()) as { tensorFile: string }
    const tensors = readIfThere(join(directory, at(tensorFile)))
    if (tensors)
      return [
        { path: `checkpoints/${kind}/${tensorFile}`, data: tensors },
        { path: `checkpoints/${kind}/state.json`, data: state },
      ]
  }
  return []
}

function readIfThere(path: string): Buffer | undefined {
  try {
    return readFileSync(path)
  } catch (error) {
    if (isMissing(error)) return undefined
    throw inWords(error, `cannot read ${path}`)
  }
}
