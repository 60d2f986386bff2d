// Every data set that this process has loaded, once. Its bytes are shared memory: worker threads adopt them instead of
// loading again.

import { UserError } from '../core/errors.ts'
import { suggestion } from '../core/options.ts'
import type { Dataset } from './dataset.ts'
import { loadFashionMnist } from './fashion-mnist.ts'
import { type ImageFolderOptions, loadImageFolder } from './images.ts'
import { loadMnist } from './mnist.ts'

/** What a data set is loaded from; by default its own custom. */
export type LoadOptions = Partial<ImageFolderOptions> & {
  /** A directory of one's own; '' for the set's own home. */
  readonly data?: string
}

/** A data set and the key under which it was loaded; goes to a worker thread as it is. */
export type StoreEntry = { readonly key: string; readonly dataset: Dataset }

const loaders = {
  mnist: ({ data }: LoadOptions) => loadMnist(data),
  'fashion-mnist': ({ data }: LoadOptions) => loadFashionMnist(data),
  images: ({ data = '', channels = 1, side = 0, skipBroken = false }: LoadOptions) =>
    loadImageFolder(data, { channels, side, skipBroken }),
}

const store = new Map<string, Dataset>()

/** A data set by name, loaded on the first call with these options and kept. @throws UserError where it cannot be had. */
export function loadDataset(name: string, options: LoadOptions = {}): Dataset {
  if (!Object.hasOwn(loaders, name))
    throw new UserError(`unknown data set "${name}"${suggestion(name, Object.keys(loaders))}`)
  const key = storeKey(name, options)
  const dataset = store.get(key) ?? loaders[name as keyof typeof loaders](options)
  store.set(key, dataset)
  return dataset
}

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
