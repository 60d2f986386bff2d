// Checkpoints: the whole state of a training, on disk as tensors that other tools read (safetensors) and JSON for the
// rest. Saving is atomic: the renaming of state.json, which names the tensor file and its hash, is the one moment at which
// the new checkpoint replaces the old one.
//
//     <run>/checkpoints/<kind>/state.json
//     <run>/checkpoints/<kind>/epoch-0007-00123.safetensors    parameters/<name>, moment1/<name>, ...

import { createHash } from 'node:crypto'
import { existsSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { UserError } from '../core/errors.ts'
import { type Layout, lengthOf, sizeOf } from '../core/tensors.ts'
import type { RunConfig } from './config.ts'
import { inWords, isMissing, readRegular, readTextIfThere, writeWhole } from './files.ts'
import type { Checkpoint, CheckpointKind } from './records.ts'
import { decodeSafetensors, encodeSafetensors, type NamedTensor } from './safetensors.ts'

export type { Checkpoint, CheckpointKind }

/** The version of what is on disk. A reader refuses any other. */
const format = 1

const count = z.int().min(0)
const stateSchema = z.object({
  epoch: count,
  iteration: count,
  steps: count,
  sums: z.record(z.string(), z.number()),
  best: z.object({ epoch: count, validationError: z.number() }).optional(),
  seconds: z.number(),
  config: z.record(z.string(), z.unknown()),
  layout: z.array(z.object({ name: z.string(), shape: z.array(count) })),
  vectors: z.array(z.string()).max(16),
  tensorFile: z.string().regex(/^[\w.-]+$/),
  sha256: z.string(),
})
type State = z.infer<typeof stateSchema>

/**
 * Save a checkpoint in a run directory, replacing the one of this kind. Killed at any moment, it leaves the old
 * checkpoint or the new one.
 * @returns the checkpoint's directory
 * @throws RangeError where a vector does not fill the layout, UserError where the system refuses to write.
 */
export function saveCheckpoint(run: string, kind: CheckpointKind, checkpoint: Checkpoint): string {
  const directory = directoryOf(run, kind)
  const { tensors, ...rest } = checkpoint
  const bytes = encodeSafetensors({
    tensors: Object.entries(tensors).flatMap(([vector, values]) => cut(vector, values, checkpoint.layout)),
    metadata: { format: 'saccade', epoch: String(checkpoint.epoch), iteration: String(checkpoint.iteration) },
  })
  if (!existsSync(run))
    throw new UserError(`${run}: the run's directory was removed or renamed while it was trained in; nothing is saved`)
  const tensorFile = newName(directory, checkpoint)
  writeWhole(join(directory, tensorFile), bytes)
  const state = { format, ...rest, vectors: Object.keys(tensors), tensorFile, sha256: hash(bytes) }
  writeWhole(join(directory, 'state.json'), `${JSON.stringify(state, undefined, 2)}\n`)
  for (const name of readdirSync(directory))
    if (name !== 'state.json' && name !== tensorFile) rmSync(join(directory, name), { force: true, recursive: true })
  return directory
}

/** Whether a run directory has a checkpoint of this kind. */
export const hasCheckpoint = (run: string, kind: CheckpointKind): boolean =>
  existsSync(join(directoryOf(run, kind), 'state.json'))

/**
 * Load a checkpoint from a run directory; while another process trains there, too.
 * @param expected the agent's layout: a checkpoint of another architecture is then refused
 * @throws UserError where it is missing, corrupt, of another format or of another architecture.
 */
export function loadCheckpoint(run: string, kind: CheckpointKind, expected?: Layout): Checkpoint {
  const directory = directoryOf(run, kind)
  const read = (): State => {
    const state = readState(directory)
    if (expected) compareLayouts(directory, state.layout, expected)
    return state
  }
  let state = read()
  let bytes = readTensors(directory, state)
  // the trainer may have replaced the checkpoint between the two reads
  for (let attempt = 0; !bytes && attempt < 5; attempt++) {
    state = read()
    bytes = readTensors(directory, state)
  }
  const path = join(directory, state.tensorFile)
  if (!bytes) throw corrupt(path, 'the file is missing')
  const found = hash(bytes)
  if (found !== state.sha256)
    throw corrupt(path, `its SHA-256 should be ${state.sha256.slice(0, 12)}... and is ${found.slice(0, 12)}...`)
  const named = new Map(decodeSafetensors(bytes, path).tensors.map((tensor) => [tensor.name, tensor]))
  const { vectors, tensorFile: _, sha256: __, config, ...rest } = state
  if (bytes.length < 4 * vectors.length * lengthOf(state.layout))
    throw corrupt(path, `${bytes.length} bytes are too few for its layout`)
  const tensors = Object.fromEntries(vectors.map((vector) => [vector, assemble(vector, named, state.layout, path)]))
  return { ...rest, config: config as unknown as RunConfig, tensors }
}

/** Bytes of a state.json at most. */
const largestState = 64 * 2 ** 20

const directoryOf = (run: string, kind: CheckpointKind): string => join(run, 'checkpoints', kind)

const hash = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')

const corrupt = (path: string, what: string): UserError =>
  new UserError(`${path}: corrupt checkpoint: ${what}; restore it from a copy, use the other checkpoint, or train anew`)

/** A name that the current state.json does not use: what it points to must stay whole until it points elsewhere. */
function newName(directory: string, { epoch, iteration }: Checkpoint): string {
  const name = `epoch-${String(epoch).padStart(4, '0')}-${String(iteration).padStart(5, '0')}`
  let current: string | undefined
  try {
    current = JSON.parse(readTextIfThere(join(directory, 'state.json'), largestState) ?? '{}').tensorFile
  } catch {
    // no checkpoint yet, or one that cannot be read and is about to be replaced
  }
  return current === `${name}.safetensors` ? `${name}-again.safetensors` : `${name}.safetensors`
}

/** A vector as named tensors. */
function cut(vector: string, values: Float32Array, layout: Layout): NamedTensor[] {
  if (values.length !== lengthOf(layout))
    throw new RangeError(`checkpoint: "${vector}" has ${values.length} values, its layout ${lengthOf(layout)}`)
  let offset = 0
  return layout.map(({ name, shape }) => {
    const from = offset
    offset += sizeOf(shape)
    return { name: `${vector}/${name}`, shape, values: values.subarray(from, offset) }
  })
}

/** Named tensors as a vector again. */
function assemble(vector: string, named: ReadonlyMap<string, NamedTensor>, layout: Layout, path: string): Float32Array {
  const values = new Float32Array(lengthOf(layout))
  let offset = 0
  for (const { name, shape } of layout) {
    const tensor = named.get(`${vector}/${name}`)
    if (!tensor || String(tensor.shape) !== String(shape))
      throw corrupt(path, `"${vector}/${name}" should be [${shape}] and is ${tensor ? `[${tensor.shape}]` : 'missing'}`)
    values.set(tensor.values, offset)
    offset += sizeOf(shape)
  }
  return values
}

function readState(directory: string): State {
  const path = join(directory, 'state.json')
  const text = readTextIfThere(path, largestState)
  if (text === undefined) throw new UserError(`${directory}: no checkpoint here (state.json is missing)`)
  let state: unknown
  try {
    state = JSON.parse(text)
  } catch (error) {
    throw corrupt(path, `not JSON (${(error as Error).message})`)
  }
  const version = (state as { format?: unknown } | null)?.format
  if (version !== format)
    throw new UserError(
      `${path}: checkpoint format ${JSON.stringify(version)}, this version reads ${format}; use the version that wrote it`,
    )
  const parsed = stateSchema.safeParse(state)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw corrupt(path, `${issue?.path.join('.')}: ${issue?.message}`)
}

/** The bytes of the tensor file, or undefined where there is none. @throws UserError where it is larger than its layout. */
function readTensors(directory: string, { tensorFile, layout, vectors }: State): Uint8Array | undefined {
  // its numbers, and for each tensor a line of the header
  const limit = vectors.length * (4 * lengthOf(layout) + 1024 * layout.length) + 65_536
  try {
    return readRegular(join(directory, tensorFile), limit)
  } catch (error) {
    if (isMissing(error)) return undefined
    throw inWords(error, `cannot read ${join(directory, tensorFile)}`)
  }
}

/** @throws UserError naming the tensors in which two architectures differ. */
function compareLayouts(directory: string, found: Layout, expected: Layout): void {
  const differences = layoutDifferences(found, expected)
  if (differences) throw new UserError(`${directory}: checkpoint of another architecture: ${differences}`)
}

/** In which tensors two architectures differ, in words; undefined where in none. */
export function layoutDifferences(found: Layout, expected: Layout): string | undefined {
  const there = new Map(found.map(({ name, shape }) => [name, `[${shape.join(', ')}]`]))
  const here = new Map(expected.map(({ name, shape }) => [name, `[${shape.join(', ')}]`]))
  const differences = [...new Set([...there.keys(), ...here.keys()])]
    .filter((name) => there.get(name) !== here.get(name))
    .map((name) => `"${name}" is ${there.get(name) ?? 'absent'} there and ${here.get(name) ?? 'absent'} here`)
  if (differences.length === 0 && found.every(({ name }, i) => name === expected[i]!.name)) return undefined
  const shown = differences.slice(0, 3)
  if (differences.length > 3) shown.push(`${differences.length - 3} more differ`)
  if (differences.length === 0) shown.push('the tensors come in another order')
  return shown.join('; ')
}
