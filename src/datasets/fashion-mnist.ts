// Fashion-MNIST: 70,000 pictures of clothes of 28x28 (Xiao, Rasul and Vollgraf 2017): from Debian's package
// `dataset-fashion-mnist`, else from a cache, which is filled from its public home; or IDX files of one's own.

import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { UserError } from '../core/errors.ts'
import { cacheOf } from './cache.ts'
import type { Dataset } from './dataset.ts'
import { type IdxDescription, type IdxOptions, loadIdxDirectory } from './idx-directory.ts'
import { idxFiles } from './idx-files.ts'

const checksums: IdxDescription['checksums'] = {
  trainImages: 'f4a8712d7a061bf5bd6d2ca38dc4d50a',
  trainLabels: '9018921c3c673c538a1fc5bad174d6f9',
  testImages: '8181f5470baa50b63fa0f6fddb340f0a',
  testLabels: '15d484375f8d13e6eb1aabb0c3f46965',
}

const classNames = [
  'T-shirt/top',
  'Trouser',
  'Pullover',
  'Dress',
  'Coat',
  'Sandal',
  'Shirt',
  'Sneaker',
  'Bag',
  'Ankle boot',
]

/** Where the set may lie and where it comes from. */
export type FashionPlaces = {
  /** Where Debian's package puts it. */
  readonly system: string
  /** Where downloads are kept. */
  readonly cache: string
  /** Where the four .gz files are published. */
  readonly home: string
}

export const usualPlaces = (): FashionPlaces => ({
  system: '/usr/share/datasets/fashion-mnist',
  cache: cacheOf('fashion-mnist'),
  home: 'http://fashion-mnist.s3-website.eu-central-1.amazonaws.com',
})

/**
 * Fashion-MNIST itself, verified by checksum, or the four IDX files in `data`, unverified.
 * @throws UserError where they are not to be had, or damaged.
 */
export function loadFashionMnist(
  data?: string,
  options: Partial<IdxOptions> = {},
  places: FashionPlaces = usualPlaces(),
): Dataset {
  const description = { name: 'FashionMNIST', classNames }
  if (data) return loadIdxDirectory(data, description, options)
  if (existsSync(places.system)) return loadIdxDirectory(places.system, { ...description, checksums })
  const missing = Object.values(idxFiles).filter((file) => !existsSync(join(places.cache, `${file}.gz`)))
  if (missing.length > 0) download(missing, places)
  return loadIdxDirectory(places.cache, { ...description, checksums })
}

/** Fetch files into the cache, each whole or not at all. It waits: environments are made without a promise. */
function download(files: readonly string[], { cache, home }: FashionPlaces): void {
  try {
    mkdirSync(cache, { recursive: true })
    execFileSync(process.execPath, ['--input-type=module', '--eval', fetchFiles, cache, home, ...files], {
      stdio: ['ignore', 'ignore', 'pipe'],
      timeout: 600_000,
    })
  } catch (error) {
    const { stderr, message } = error as Error & { stderr?: Buffer }
    const reason = stderr?.toString().trim() || message
    throw new UserError(
      `FashionMNIST: cannot download it (${reason}); install Debian's package dataset-fashion-mnist, or set the option data (--data) to a directory with the four IDX files`,
    )
  }
}

/** A program of its own, for a process of its own. */
const fetchFiles = `
import { renameSync, writeFileSync } from 'node:fs'
const [cache, home, ...files] = process.argv.slice(1)
try {
  for (const file of files) {
    const response = await fetch(home + '/' + file + '.gz')
    if (!response.ok) throw new Error(response.url + ': ' + response.status + ' ' + response.statusText)
    const path = cache + '/' + file + '.gz'
    writeFileSync(path + '.part', new Uint8Array(await response.arrayBuffer()))
    renameSync(path + '.part', path)
  }
} catch (error) {
  process.stderr.write(error.cause ? error.message + ': ' + error.cause.message : error.message)
  process.exitCode = 1
}`
