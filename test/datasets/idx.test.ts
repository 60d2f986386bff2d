// The IDX parser: a file worked out byte by byte, and every way in which one can be wrong.

import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { UserError } from '../../src/core/errors.ts'
import { checkCounts, parseIdxImages, parseIdxLabels } from '../../src/datasets/idx.ts'

// magic 0x803, 2 images of 1 row and 3 columns
const images = [0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 3, 10, 20, 30, 40, 50, 60]
// magic 0x801, 3 labels
const labels = [0, 0, 8, 1, 0, 0, 0, 3, 7, 0, 9]

const parseImages = (bytes: number[]) => parseIdxImages(Uint8Array.from(bytes), 'a-images')
const parseLabels = (bytes: number[], classes = 10) => parseIdxLabels(Uint8Array.from(bytes), 'a-labels', classes)

const complaint = (act: () => unknown): string => {
  try {
    act()
    return 'no error'
  } catch (error) {
    assert.instance(error, UserError)
    return (error as Error).message
  }
}

test('images and labels are read big-endian', () => {
  const parsed = parseImages(images)
  assert.equal([parsed.count, parsed.height, parsed.width], [2, 1, 3])
  assert.equal([...parsed.images], [10, 20, 30, 40, 50, 60])
  assert.equal([...parseLabels(labels)], [7, 0, 9])
})

test('a view into a larger buffer is read from its own beginning', () => {
  const shifted = Uint8Array.from([99, ...labels]).subarray(1)
  assert.equal([...parseIdxLabels(shifted, 'a-labels', 10)], [7, 0, 9])
})

test('a truncated file is told with what is missing', () => {
  assert.is(
    complaint(() => parseImages(images.slice(0, -2))),
    'a-images: byte 16: expected 6 bytes of data, found 4; the file is truncated',
  )
  assert.is(
    complaint(() => parseImages(images.slice(0, 10))),
    'a-images: byte 8: expected a 4-byte integer, found the end of the file at byte 10',
  )
  assert.is(
    complaint(() => parseLabels([])),
    'a-labels: byte 0: expected a 4-byte integer, found the end of the file at byte 0',
  )
})

test('a file that goes on after its data is told where', () => {
  assert.is(
    complaint(() => parseLabels([...labels, 1, 2])),
    'a-labels: byte 11: expected the end of the file, found 2 more bytes',
  )
})

test('swapped, packed and foreign files are told apart', () => {
  assert.is(
    complaint(() => parseImages(labels)),
    'a-images: byte 0: expected magic number 0x00000803, found 0x00000801 (a label file: are the two swapped?)',
  )
  assert.match(
    complaint(() => parseLabels(images)),
    /found 0x00000803 \(an image file: are the two swapped\?\)$/,
  )
  assert.match(
    complaint(() => parseLabels([0x1f, 0x8b, 8, 0])),
    /found 0x1f8b0800 \(a gzip file: name it \.gz or unpack it\)$/,
  )
  assert.match(
    complaint(() => parseLabels([1, 2, 3, 4])),
    /found 0x01020304$/,
  )
})

test('a label outside the classes is told with its byte', () => {
  assert.is(
    complaint(() => parseLabels(labels, 9)),
    'a-labels: byte 10: expected a label in 0 ... 8, found 9',
  )
})

test('images without pixels are refused', () => {
  assert.is(
    complaint(() => parseImages([...images.slice(0, 8), 0, 0, 0, 0, ...images.slice(12)])),
    'a-images: byte 8: expected a positive number of rows, found 0',
  )
})

test('labels that are not as many as the images are refused', () => {
  assert.is(
    complaint(() => checkCounts(parseImages(images), 'a-images', parseLabels(labels), 'a-labels')),
    'a-labels: byte 4: expected 2 labels, as many as the images in a-images, found 3',
  )
})

test.run()
