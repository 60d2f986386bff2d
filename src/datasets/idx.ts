// The IDX format of MNIST and its kin (yann.lecun.com): a pure parser of bytes whose errors name the file, the byte,
// what was expected there and what was found. No files are read here.

import { UserError } from '../core/errors.ts'

/** Images as an IDX file holds them. */
export type IdxImages = {
  /** uint8 [N, H, W], a view of the file's bytes. */
  readonly images: Uint8Array
  readonly count: number
  readonly height: number
  readonly width: number
}

const imageMagic = 0x00000803
const labelMagic = 0x00000801

/** Parse an image file. @throws UserError on any fault; `file` is its name in the message. */
export function parseIdxImages(bytes: Uint8Array, file: string): IdxImages {
  checkMagic(bytes, file, imageMagic)
  const [count, height, width] = [
    readInteger(bytes, file, 4),
    readInteger(bytes, file, 8),
    readInteger(bytes, file, 12),
  ]
  for (const [offset, name, side] of [
    [8, 'rows', height],
    [12, 'columns', width],
  ] as const)
    if (side === 0) throw fault(file, offset, `a positive number of ${name}`, '0')
  return { images: readBody(bytes, file, 16, count * height * width), count, height, width }
}

/** Parse a label file, uint8 [N]. @throws UserError on any fault. */
export function parseIdxLabels(bytes: Uint8Array, file: string): Uint8Array {
  checkMagic(bytes, file, labelMagic)
  return readBody(bytes, file, 8, readInteger(bytes, file, 4))
}

/** How many bytes a whole file has, by its first bytes. @throws UserError where they are not those of an IDX file. */
export function declaredLength(head: Uint8Array, file: string): number {
  if (readInteger(head, file, 0) === labelMagic) return 8 + readInteger(head, file, 4)
  checkMagic(head, file, imageMagic)
  return 16 + readInteger(head, file, 4) * readInteger(head, file, 8) * readInteger(head, file, 12)
}

/** @throws UserError unless there are as many labels as images. */
export function checkCounts(images: IdxImages, imageFile: string, labels: Uint8Array, labelFile: string): void {
  if (images.count !== labels.length)
    throw fault(labelFile, 4, `${images.count} labels, as many as the images in ${imageFile}`, String(labels.length))
}

function checkMagic(bytes: Uint8Array, file: string, expected: number): void {
  const found = readInteger(bytes, file, 0)
  if (found === expected) return
  const kind = {
    [imageMagic]: ' (an image file: are the two swapped?)',
    [labelMagic]: ' (a label file: are the two swapped?)',
  }[found]
  const gzip = found >>> 16 === 0x1f8b ? ' (a gzip file: unpack it)' : ''
  throw fault(file, 0, `magic number ${hex(expected)}`, `${hex(found)}${kind ?? gzip}`)
}

function readInteger(bytes: Uint8Array, file: string, offset: number): number {
  if (bytes.length < offset + 4)
    throw fault(file, offset, 'a 4-byte integer', `the end of the file at byte ${bytes.length}`)
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(offset)
}

function readBody(bytes: Uint8Array, file: string, offset: number, length: number): Uint8Array {
  if (bytes.length < offset + length)
    throw fault(file, offset, `${length} bytes of data`, `${bytes.length - offset}; the file is truncated`)
  if (bytes.length > offset + length)
    throw fault(file, offset + length, 'the end of the file', `${bytes.length - offset - length} more bytes`)
  return bytes.subarray(offset)
}

const hex = (value: number): string => `0x${value.toString(16).padStart(8, '0')}`

const fault = (file: string, offset: number, expected: string, found: string): UserError =>
  new UserError(`${file}: byte ${offset}: expected ${expected}, found ${found}`)
