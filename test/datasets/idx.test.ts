// The IDX parser: a file worked out byte by byte, and every way in which one can be wrong.

import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { UserError } from '../../src/core/errors.ts'
import { checkCounts, declaredLength, parseIdxImages, parseIdxLabels } from '../../src/datasets/idx.ts'
import { knownClasses, toClasses } from '../../src/datasets/idx-labels.ts'

// magic 0x803, 2 images of 1 row and 3 columns
const images = [0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 3, 10, 20, 30, 40, 50, 60]
// magic 0x801, 3 labels
const labels = [0, 0, 8, 1, 0, 0, 0, 3, 7, 0, 9]

const parseImages = (bytes: number[]) => parseIdxImages(Uint8Array.from(bytes), 'a-images')
const parseLabels = (bytes: number[]) => parseIdxLabels(Uint8Array.from(bytes), 'a-labels')

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
  assert.equal([...parseIdxLabels(shifted, 'a-labels')], [7, 0, 9])
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
    /found 0x1f8b0800 \(a gzip file: unpack it\)$/,
  )
  assert.match(
    complaint(() => parseLabels([1, 2, 3, 4])),
    /found 0x01020304$/,
  )
})

test('a header says how long its file is', () => {
  assert.is(declaredLength(Uint8Array.from(images.slice(0, 16)), 'a-images'), 16 + 2 * 1 * 3)
  assert.is(declaredLength(Uint8Array.from(labels.slice(0, 8)), 'a-labels'), 8 + 3)
  assert.match(
    complaint(() => declaredLength(Uint8Array.of(1, 2, 3, 4), 'a-images')),
    /expected magic number 0x00000803, found 0x01020304$/,
  )
})

const raw = (train: number[], own: number[]) => ({
  ...{ train: Uint8Array.from(train), test: Uint8Array.from(own) },
  files: { train: 'a-train', test: 'a-test' },
})

const three = { names: ['zero', 'one', 'two'], known: false }

test('labels within the usual classes are those classes', () => {
  const { train, test: own, classNames, notes } = toClasses(raw([1, 2], [1]), three, 0)
  assert.equal([[...train], [...own], classNames, notes], [[1, 2], [1], three.names, []])
})

test('there are as many classes as the largest label says', () => {
  const { train, classNames, notes } = toClasses(raw([0, 1, 2, 4], [3]), three, 0)
  assert.equal([[...train], classNames, notes], [[0, 1, 2, 4], ['0', '1', '2', '3', '4'], []])
})

test('labels that count from 1 are taken as classes from 0, and that is told', () => {
  const counted = toClasses(raw([1, 2, 3], [3, 1]), three, 0)
  assert.equal(
    [[...counted.train], [...counted.test]],
    [
      [0, 1, 2],
      [2, 0],
    ],
  )
  assert.equal(counted.classNames, ['1', '2', '3'])
  assert.equal(counted.notes, ['labels count from 1: 1 to 3 are taken as classes 0 to 2'])
  assert.equal(toClasses(raw([1, 2, 3], [1]), { ...three, known: true }, 0).classNames, three.names)
})

test('labels with gaps are taken for damage, unless the number of classes is given', () => {
  assert.match(
    complaint(() => toClasses(raw([0, 1, 200], [0]), three, 0)),
    /^a-train: labels up to 200, but no image has the label 2: a damaged file\? .* the option classes \(--classes\)$/,
  )
  assert.is(toClasses(raw([0, 1, 200], [0]), three, 201).classNames.length, 201)
})

test('a label beyond the given classes is told with its file and byte', () => {
  assert.is(
    complaint(() => toClasses(raw([0, 1], [0, 1, 5]), three, 4)),
    'a-test: byte 10: expected a label in 0 ... 3, found 5; the option classes (--classes) says how many there are',
  )
})

test("the classes of EMNIST's sets are known by their files' names", () => {
  const sizes = ['byclass', 'bymerge', 'balanced', 'letters', 'digits', 'mnist'].map(
    (kind) => knownClasses(`emnist-${kind}`)!.length,
  )
  assert.equal(sizes, [62, 47, 47, 26, 10, 10])
  // https://arxiv.org/abs/1702.05373, figure 2: of the small letters, these look unlike their capitals
  assert.is(knownClasses('emnist-balanced')!.slice(36).join(''), 'abdefghnqrt')
  assert.is(knownClasses('my-own'), undefined)
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
