// The three parts of a data set: train, validation and test share no image. Runs in a browser too.

import { UserError } from '../core/errors.ts'
import { Rng } from '../core/rng.ts'
import type { Split } from '../env/registry.ts'
import type { Dataset } from './dataset.ts'

/** How a data set is cut. */
export type SplitOptions = {
  readonly splitSeed: number
  /** In (0, 1): the part of the images that are not for the test which is kept for validation; 0.1 is 6,000 of MNIST's 60,000. */
  readonly validationShare: number
  /** In (0, 1): the part of the images kept for the test, where the set has no test images of its own. */
  readonly testShare: number
}

export const splitDefaults: SplitOptions = { splitSeed: 0, validationShare: 0.1, testShare: 0.1 }

export const splits: readonly Split[] = ['train', 'validation', 'test']

/** int32: the images of each part, as indices into the data set. */
export type Parts = Readonly<Record<Split, Int32Array>>

/**
 * Cut a data set in three. Its own validation and test images are those parts; where it has none, they are taken from the
 * others. Where images have names, by a hash of seed and name: another image more or less moves none, but for one that was
 * lent to a part in which its class would have less than half its share. Else by a shuffle of all, of which the first are for validation and
 * the next for the test.
 * @throws UserError where a part is empty.
 */
export function cutDataset(dataset: Dataset, options: Partial<SplitOptions> = {}): Parts {
  const { testFrom, validationFrom = testFrom, labels, name } = dataset
  const { splitSeed, validationShare, testShare } = { ...splitDefaults, ...options }
  const wanted = {
    splitSeed,
    validationShare: validationFrom === testFrom ? validationShare : 0,
    testShare: testFrom === labels.length ? testShare : 0,
  }
  if (wanted.validationShare + wanted.testShare >= 1)
    throw new UserError(
      `${name}: validationShare ${validationShare} and testShare ${testShare} leave nothing for training; together they must be below 1`,
    )
  const draws = dataset.identities && drawByName(dataset.identities, splitSeed)
  const taken = draws ? cutByDraw(draws, labels, validationFrom, wanted) : cutByShuffle(validationFrom, wanted)
  const whole = {
    train: taken.train,
    validation: wanted.validationShare > 0 ? taken.validation : range(validationFrom, testFrom),
    test: wanted.testShare > 0 ? taken.test : range(testFrom, labels.length),
  }
  // class by class they lie; in the order of the draws, the first few of a part are of many classes
  const order = (indices: Int32Array): Int32Array => (draws ? indices.sort((a, b) => draws[a]! - draws[b]!) : indices)
  const parts = { train: order(whole.train), validation: order(whole.validation), test: order(whole.test) }
  for (const split of splits)
    if (parts[split].length === 0)
      throw new UserError(
        `${name}: no images are left for ${split}; ${labels.length} are too few to be cut in three: add some, or give the parts folders of their own`,
      )
  return parts
}

function cutByShuffle(count: number, { splitSeed, validationShare, testShare }: SplitOptions): Parts {
  const order = Rng.of(splitSeed, 'split').permutation(count)
  const validationEnd = Math.round(count * validationShare)
  const testEnd = validationEnd + Math.round(count * testShare)
  return {
    train: order.slice(testEnd),
    validation: order.slice(0, validationEnd),
    test: order.slice(validationEnd, testEnd),
  }
}

/** A number in [0, 1) for each image, by its name. */
const drawByName = (names: Uint32Array, seed: number): Float64Array =>
  Float64Array.from({ length: names.length / 2 }, (_, i) =>
    Rng.of(seed, 'split', names[2 * i]!, names[2 * i + 1]!).uniform(),
  )

/** The images with the lowest draws are for validation, those with the next for the test. */
function cutByDraw(draws: Float64Array, labels: Uint8Array, count: number, options: SplitOptions): Parts {
  const { validationShare, testShare } = options
  const classes = new Map<number, number[]>()
  for (let i = 0; i < count; i++) {
    const members = classes.get(labels[i]!) ?? []
    classes.set(labels[i]!, members)
    members.push(i)
  }
  const parts: Record<Split, number[]> = { train: [], validation: [], test: [] }
  for (const members of classes.values()) {
    members.sort((a, b) => draws[a]! - draws[b]!)
    let [validation, test] = [validationShare, validationShare + testShare].map(
      (end) => members.findLastIndex((i) => draws[i]! < end) + 1,
    ) as [number, number]
    test -= validation
    // a class has at least half its share in each part, and one image, as long as there are any; training comes first
    const least = (share: number): number => Math.max(1, Math.floor((share * members.length) / 2))
    const spare = members.length - 1
    const forValidation = validationShare > 0 && spare > 1 ? 1 : 0
    if (testShare > 0) test = Math.min(Math.max(test, least(testShare)), spare - forValidation)
    if (validationShare > 0) validation = Math.min(Math.max(validation, least(validationShare)), spare - test)
    parts.validation.push(...members.slice(0, validation))
    parts.test.push(...members.slice(validation, validation + test))
    parts.train.push(...members.slice(validation + test))
  }
  return {
    train: Int32Array.from(parts.train),
    validation: Int32Array.from(parts.validation),
    test: Int32Array.from(parts.test),
  }
}

const range = (from: number, to: number): Int32Array => Int32Array.from({ length: to - from }, (_, i) => from + i)
