// The safetensors format (huggingface/safetensors): named tensors in a file that other tools read. Bytes in, bytes out.
// 8 bytes header length (little-endian), a JSON header padded with spaces to a multiple of 8, then the tensors without
// gaps. Only float32, float16 and int32, and only on little-endian machines, which is all that Node supports but s390x.

import { UserError } from '../core/errors.ts'
import { fromFloat16, toFloat16 } from '../core/float16.ts'
import { sizeOf } from '../core/tensors.ts'

/** One tensor of a file, row-major. */
export type NamedTensor = {
  readonly name: string
  readonly shape: readonly number[]
  /** float32 or int32 [product of shape]; what a file has as float16 is read as float32. */
  readonly values: Float32Array | Int32Array
}

/** Bytes a number, by the format's name of its type. */
const sizes: Readonly<Record<string, number>> = { F32: 4, F16: 2, I32: 4 }

/** What a file holds. */
export type TensorFile = {
  readonly tensors: readonly NamedTensor[]
  readonly metadata: Readonly<Record<string, string>>
}

/** Bytes of a header at most, as in the format's own reader. */
const largestHeader = 100_000_000

/**
 * The bytes of a file.
 * @param options `float16`: write float32 tensors as float16, rounded, in half the bytes
 * @throws RangeError where two tensors share a name or a tensor's values do not fill its shape.
 */
export function encodeSafetensors(
  { tensors, metadata }: TensorFile,
  { float16 = false }: { readonly float16?: boolean } = {},
): Uint8Array {
  // without a prototype, any name is just a name
  const header: Record<string, unknown> = Object.assign(Object.create(null), { __metadata__: metadata })
  const written: (Float32Array | Int32Array | Uint16Array)[] = []
  let offset = 0
  for (const { name, shape, values } of tensors) {
    if (Object.hasOwn(header, name)) throw new RangeError(`safetensors: two tensors are named "${name}"`)
    if (values.length !== sizeOf(shape))
      throw new RangeError(`safetensors: "${name}" has ${values.length} values for the shape [${shape}]`)
    const real = values instanceof Float32Array
    const data = real && float16 ? toFloat16(values) : values
    const dtype = real ? (float16 ? 'F16' : 'F32') : 'I32'
    header[name] = { dtype, shape, data_offsets: [offset, offset + data.byteLength] }
    written.push(data)
    offset += data.byteLength
  }
  const json = new TextEncoder().encode(JSON.stringify(header))
  const start = 8 + Math.ceil(json.length / 8) * 8
  const bytes = new Uint8Array(start + offset)
  new DataView(bytes.buffer).setBigUint64(0, BigInt(start - 8), true)
  bytes.fill(0x20, 8, start)
  bytes.set(json, 8)
  let position = start
  for (const data of written) {
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), position)
    position += data.byteLength
  }
  return bytes
}

/**
 * The tensors of a file's bytes, each in an array of its own, in the order of their data.
 * @throws UserError naming `file`, what was expected and what was found.
 */
export function decodeSafetensors(bytes: Uint8Array, file: string): TensorFile {
  const wrong = (message: string): never => {
    throw new UserError(`${file}: not a valid safetensors file: ${message}`)
  }
  if (bytes.length < 8) wrong(`expected 8 bytes of header length at byte 0, found ${bytes.length} bytes in all`)
  const headerLength = Number(new DataView(bytes.buffer, bytes.byteOffset, 8).getBigUint64(0, true))
  const start = 8 + headerLength
  if (headerLength > largestHeader)
    wrong(`expected a header of at most ${largestHeader} bytes, found a header of ${headerLength} bytes`)
  if (start > bytes.length)
    wrong(`expected a header of ${headerLength} bytes at byte 8, found ${bytes.length - 8} bytes (truncated?)`)
  const header =
    parseHeader(bytes.subarray(8, start)) ?? wrong('expected a JSON object at byte 8, found something else')
  const { __metadata__: metadata = {}, ...entries } = header
  if (!isTexts(metadata)) wrong(`__metadata__: expected an object of texts, found ${JSON.stringify(metadata)}`)
  let total = 0
  const tensors = Object.entries(entries).map(([name, entry]): NamedTensor & { readonly from: number } => {
    const {
      dtype,
      shape,
      data_offsets: offsets,
    } = (entry ?? {}) as { dtype?: unknown; shape?: unknown; data_offsets?: unknown }
    if (typeof dtype !== 'string' || !Object.hasOwn(sizes, dtype))
      return wrong(`tensor "${name}": expected dtype F32, F16 or I32, found ${JSON.stringify(dtype)}`)
    if (!isCounts(shape)) return wrong(`tensor "${name}": expected a shape, found ${JSON.stringify(shape)}`)
    if (!isCounts(offsets) || offsets.length !== 2)
      return wrong(`tensor "${name}": expected two data_offsets, found ${JSON.stringify(offsets)}`)
    const [from, to] = offsets as [number, number]
    const size = sizes[dtype]! * sizeOf(shape)
    if (to - from !== size)
      wrong(`tensor "${name}": expected ${size} bytes for [${shape}], found data_offsets [${from}, ${to}]`)
    if (start + to > bytes.length)
      wrong(`tensor "${name}": expected data up to byte ${start + to}, found ${bytes.length} bytes in all (truncated?)`)
    total += to - from
    if (start + total > bytes.length)
      wrong(
        `tensor "${name}": expected tensors that do not overlap, found ${total} bytes of them in ${bytes.length - start}`,
      )
    // a copy, which slice() of a Node Buffer is not
    const data = new Uint8Array(bytes.subarray(start + from, start + to)).buffer
    return { name, shape, from, values: valuesOf(data, dtype) }
  })
  // JSON.parse puts names that are whole numbers first
  const inOrder = tensors.sort((a, b) => a.from - b.from).map(({ from: _, ...tensor }) => tensor)
  return { tensors: inOrder, metadata: metadata as Record<string, string> }
}

function valuesOf(data: ArrayBuffer, dtype: string): Float32Array | Int32Array {
  if (dtype === 'I32') return new Int32Array(data)
  return dtype === 'F16' ? fromFloat16(new Uint16Array(data)) : new Float32Array(data)
}

function parseHeader(bytes: Uint8Array): Record<string, unknown> | undefined {
  try {
    const header: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
    return header && typeof header === 'object' && !Array.isArray(header)
      ? (header as Record<string, unknown>)
      : undefined
  } catch {
    return undefined
  }
}

const isCounts = (value: unknown): value is number[] =>
  Array.isArray(value) && value.every((count) => Number.isSafeInteger(count) && count >= 0)

const isTexts = (value: unknown): boolean =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  Object.values(value).every((text) => typeof text === 'string')
