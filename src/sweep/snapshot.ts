// A run directory as bytes, so that it can go where no file system is shared: configuration, metrics, summary and
// checkpoints; no pictures and no event files. A length, a table of contents in JSON, the files one after the other.

import { renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { UserError } from '../core/errors.ts'
import { inWords, isMissing, readRegular, writeWhole } from '../runs/files.ts'

type Contents = readonly { readonly path: string; readonly size: number }[]

/** Bytes of a run at most, and files in it: two checkpoints of two files, and three more. */
const [largest, mostFiles] = [2 ** 30, 7]

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

/**
 * Put a run where it belongs, in place of whatever was there.
 * @throws UserError where it is not a run, which may have come from anybody, or cannot be written.
 */
export function unpackRun(bytes: Buffer, directory: string): void {
  const files = filesIn(bytes)
  const beside = `${directory}.arriving`
  try {
    rmSync(beside, { recursive: true, force: true })
    for (const { path, data } of files) writeWhole(join(beside, path), data)
    rmSync(directory, { recursive: true, force: true })
    renameSync(beside, directory)
  } catch (error) {
    throw inWords(error, `cannot write ${directory}`)
  }
}

/** @throws UserError where the bytes are not those of a run. */
function filesIn(bytes: Buffer): { path: string; data: Buffer }[] {
  const wrong = (what: string): never => {
    throw new UserError(`what Redis holds is not a run: ${what}`)
  }
  if (bytes.length < 4 || bytes.length > largest) wrong(`${bytes.length} bytes`)
  const begin = 4 + bytes.readUInt32LE(0)
  if (begin > bytes.length) wrong('its table of contents is cut off')
  let contents: unknown
  try {
    contents = JSON.parse(bytes.subarray(4, begin).toString())
  } catch {
    wrong('its table of contents is not JSON')
  }
  if (!Array.isArray(contents) || contents.length > mostFiles) return wrong('its table of contents is none')
  let from = begin
  const files = (contents as Partial<Contents[number]>[]).map((entry) => {
    const { path, size } = entry ?? {}
    if (typeof path !== 'string' || !allowed.test(path)) return wrong(`it has the file ${JSON.stringify(path)}`)
    if (!Number.isSafeInteger(size) || size! < 0 || from + size! > bytes.length) return wrong(`${path} is cut off`)
    from += size!
    return { path, data: bytes.subarray(from - size!, from) }
  })
  if (from !== bytes.length) wrong(`${bytes.length - from} bytes too many`)
  return files
}

/** How far a run has come: epochs of its last checkpoint and the share of iterations after it; infinite at its end; 0 where there is none. */
export function positionOf(directory: string): number {
  if (readIfThere(join(directory, 'summary.json'))) return Number.POSITIVE_INFINITY
  const state = readIfThere(join(directory, 'checkpoints', 'last', 'state.json'))
  if (!state) return 0
  const { epoch, iteration } = (parsed(state) ?? {}) as { epoch?: unknown; iteration?: unknown }
  if (!Number.isSafeInteger(epoch) || !Number.isSafeInteger(iteration)) return 0
  return (epoch as number) + (iteration as number) / ((iteration as number) + 1)
}

/** A checkpoint's two files that belong together: the trainer may replace them between two reads. */
function checkpointFiles(directory: string, kind: 'last' | 'best'): { path: string; data: Buffer }[] {
  const at = (name: string): string => join('checkpoints', kind, name)
  for (let attempt = 0; attempt < 5; attempt++) {
    const state = readIfThere(join(directory, at('state.json')))
    if (!state) return []
    const { tensorFile } = (parsed(state) ?? {}) as { tensorFile?: unknown }
    if (typeof tensorFile !== 'string' || !allowed.test(`checkpoints/${kind}/${tensorFile}`)) return []
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
    return readRegular(path, largest)
  } catch (error) {
    if (isMissing(error)) return undefined
    throw inWords(error, `cannot read ${path}`)
  }
}

function parsed(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString())
  } catch {
    return undefined
  }
}
