// A directory with the four IDX files of MNIST and its kin as one data set.

import { createHash } from 'node:crypto'
import { UserError } from '../core/errors.ts'
import { type Dataset, sharedBytes } from './dataset.ts'
import { checkCounts, parseIdxImages, parseIdxLabels } from './idx.ts'
import { findIdxFiles, type IdxFile, readIdxFile } from './idx-files.ts'
import { knownClasses, toClasses } from './idx-labels.ts'

/** How files of one's own are read. */
export type IdxOptions = {
  /** How many classes the labels have; 0 for as many as are found. */
  readonly classes: number
  /** Turn rows into columns, as EMNIST's files want. */
  readonly transpose: boolean
}

export const idxDefaults: IdxOptions = { classes: 0, transpose: false }

/** What a set is called, and what it should be. */
export type IdxDescription = {
  readonly name: string
  /** Of the labels 0, 1 ... */
  readonly classNames: readonly string[]
  /** MD5 of each unpacked file. */
  readonly checksums?: Readonly<Record<IdxFile, string>>
}

type Part = ReturnType<typeof parseIdxImages> & { readonly labels: Uint8Array }

/**
 * Load the four files of a directory, or of those that begin with the last part of `place`.
 * @throws UserError where the directory or a file is missing, unreadable or without images, where a file is not what its
 * name says, where labels are not those of the classes, or where a file differs from the checksums, if they are given.
 */
export function loadIdxDirectory(
  place: string,
  { name, classNames, checksums }: IdxDescription,
  given: Partial<IdxOptions> = {},
): Dataset {
  const options = { ...idxDefaults, ...given }
  const { paths, set, notes } = findIdxFiles(place, name)
  const told = [...notes]
  const read = (kind: IdxFile): Uint8Array => {
    const bytes = readIdxFile(paths[kind])
    if (checksums) verify(bytes, paths[kind], checksums[kind])
    return bytes
  }
  const [train, test] = (['train', 'test'] as const).map((part): Part => {
    const [imageFile, labelFile] = [paths[`${part}Images`], paths[`${part}Labels`]]
    const images = parseIdxImages(read(`${part}Images`), imageFile)
    if (images.count === 0) throw new UserError(`${imageFile}: it has a header, but no images; fetch it again`)
    const labels = parseIdxLabels(read(`${part}Labels`), labelFile)
    checkCounts(images, imageFile, labels, labelFile)
    return { ...images, labels }
  }) as [Part, Part]
  if (train.height !== test.height || train.width !== test.width)
    throw new UserError(
      `${paths.testImages}: images of ${test.width}x${test.height}, but ${paths.trainImages} has ${train.width}x${train.height} (width x height); they must agree`,
    )
  const known = knownClasses(set)
  const usual = { names: known ?? classNames, known: known !== undefined }
  const files = { train: paths.trainLabels, test: paths.testLabels }
  const classes = toClasses({ train: train.labels, test: test.labels, files }, usual, options.classes)
  const images = joinBytes(train.images, test.images)
  const emnist = /emnist/i.test(set)
  if (emnist && !options.transpose)
    told.push("EMNIST's files hold every image with rows and columns exchanged; --transpose turns them upright")
  return {
    name: set || name,
    images: options.transpose ? transpose(images, train.height, train.width) : images,
    labels: joinBytes(classes.train, classes.test),
    height: options.transpose ? train.width : train.height,
    width: options.transpose ? train.height : train.width,
    channels: 1,
    classNames: classes.classNames,
    testFrom: train.count,
    own: !checksums,
    notes: [...told, ...classes.notes],
  }
}

function verify(bytes: Uint8Array, path: string, expected: string): void {
  const found = createHash('md5').update(bytes).digest('hex')
  if (found !== expected)
    throw new UserError(
      `${path}: MD5 of the unpacked file is ${found}, expected ${expected}; the file is damaged: install it again`,
    )
}

/** Both in one shared array; in the first one's own memory where it has the room, for a second copy of a large file stays long. */
function joinBytes(first: Uint8Array, second: Uint8Array): Uint8Array {
  const length = first.length + second.length
  const roomy = first.buffer instanceof SharedArrayBuffer && first.byteOffset + length <= first.buffer.byteLength
  const joined = roomy ? new Uint8Array(first.buffer, first.byteOffset, length) : sharedBytes(length)
  if (!roomy) joined.set(first)
  joined.set(second, first.length)
  return joined
}

/** Every image [H, W] as [W, H]. */
function transpose(images: Uint8Array, height: number, width: number): Uint8Array {
  const turned = sharedBytes(images.length)
  for (let from = 0; from < images.length; from += height * width)
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++) turned[from + x * height + y] = images[from + y * width + x]!
  return turned
}
