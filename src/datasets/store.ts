// Every data set that this process has loaded, once, and how it was cut. Its bytes are shared memory: worker threads adopt
// them instead of loading again.

import { UserError } from '../core/errors.ts'
import { suggestion } from '../core/options.ts'
import type { Split } from '../env/registry.ts'
import type { ImageSet } from '../env/vision/image-set.ts'
import { loadCifar10 } from './cifar10.ts'
import type { Dataset } from './dataset.ts'
import { loadFashionMnist } from './fashion-mnist.ts'
import { fingerprintOf, fingerprintOfSplit } from './fingerprint.ts'
import type { IdxOptions } from './idx-directory.ts'
import { type ImageFolderOptions, loadImageFolder } from './images.ts'
import { loadMnist } from './mnist.ts'
import { partOf } from './part.ts'
import { type DataReport, reportOn } from './report.ts'
import { cutDataset, type Parts, type SplitOptions } from './split.ts'

/** What a data set is loaded from; by default its own custom. */
export type LoadOptions = Partial<ImageFolderOptions> &
  Partial<IdxOptions> & {
    /** A directory of one's own; '' for the set's own home. */
    readonly data?: string
  }

/** A data set and the key under which it was loaded; goes to a worker thread as it is. */
export type StoreEntry = { readonly key: string; readonly dataset: Dataset }

/** A data set that worlds of this process show, and how it was cut. */
export type LoadedData = {
  readonly dataset: Dataset
  readonly parts: Parts
  /** 16 hex digits each: of all images and labels, and of which is in which part. */
  readonly fingerprint: { readonly data: string; readonly split: string }
  readonly report: DataReport
}

const loaders = {
  mnist: ({ data, ...options }: LoadOptions) => loadMnist(data, options),
  'fashion-mnist': ({ data, ...options }: LoadOptions) => loadFashionMnist(data, options),
  cifar10: ({ data }: LoadOptions) => loadCifar10(data),
  images: ({ data = '', ...options }: LoadOptions) => loadImageFolder(data, options),
}

const store = new Map<string, Dataset>()
const cuts = new Map<string, { readonly dataset: Dataset; readonly parts: Parts }>()

/** A data set by name, loaded on the first call with these options and kept. @throws UserError where it cannot be had. */
export function loadDataset(name: string, options: LoadOptions = {}): Dataset {
  if (!Object.hasOwn(loaders, name))
    throw new UserError(`unknown data set "${name}"${suggestion(name, Object.keys(loaders))}`)
  const key = storeKey(name, options)
  const dataset = store.get(key) ?? loaders[name as keyof typeof loaders](options)
  store.set(key, dataset)
  return dataset
}

/** A part of a data set by name; all three are made, so that whatever is wrong with one is known at once. @throws UserError where it cannot be had, or a part is empty. */
export function loadSplit(
  name: string,
  options: LoadOptions,
  split: Split,
  cutting: Partial<SplitOptions> = {},
): ImageSet {
  const dataset = loadDataset(name, options)
  const key = `${storeKey(name, options)} ${JSON.stringify(Object.entries(cutting).sort())}`
  const cut = cuts.get(key)
  const parts = cut?.dataset === dataset ? cut.parts : cutDataset(dataset, cutting)
  cuts.set(key, { dataset, parts })
  return Object.defineProperty({ ...partOf(dataset, parts, split) }, 'fingerprint', {
    enumerable: true,
    get: () => `${fingerprintOf(dataset)}-${fingerprintOfSplit(parts)}`,
  })
}

/** What `loadSplit` has loaded in this process, in that order, with what there is to tell of it. */
export const loadedData = (): LoadedData[] =>
  [...cuts.values()].map(({ dataset, parts }) => ({
    dataset,
    parts,
    fingerprint: { data: fingerprintOf(dataset), split: fingerprintOfSplit(parts) },
    report: reportOn(dataset, parts),
  }))

/** All that is loaded, to be handed to a worker thread; the bytes are shared, not copied. */
export const exportStore = (): StoreEntry[] => [...store].map(([key, dataset]) => ({ key, dataset }))

/** In a worker thread: have what the other thread has loaded. */
export function adoptStore(entries: readonly StoreEntry[]): void {
  for (const { key, dataset } of entries) store.set(key, dataset)
}

/** Equal options, equal keys, in whatever order they were given and whether or not an unset one is spelled out. */
const storeKey = (name: string, options: LoadOptions): string =>
  JSON.stringify([
    name,
    ...Object.entries(options)
      .filter(([, value]) => value !== undefined && value !== '')
      .sort(),
  ])
