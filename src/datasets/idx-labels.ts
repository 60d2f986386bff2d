// Labels of IDX files as classes: how many there are, from which number they count, and what they are called.

import { UserError } from '../core/errors.ts'

const digits = '0123456789'
const capitals = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'

/** The classes of EMNIST's sets (Cohen et al. 2017), by the end of the files' first name. */
const emnist: Readonly<Record<string, string>> = {
  byclass: digits + capitals + capitals.toLowerCase(),
  bymerge: `${digits}${capitals}abdefghnqrt`,
  balanced: `${digits}${capitals}abdefghnqrt`,
  letters: capitals,
  digits,
  mnist: digits,
}

/** The class names of a set by what its files' names begin with, such as `emnist-letters`; undefined where it is not known. */
export function knownClasses(set: string): readonly string[] | undefined {
  const [, kind = ''] = /^emnist-(\w+)$/i.exec(set) ?? []
  const names = emnist[kind.toLowerCase()]
  return names === undefined ? undefined : [...names]
}

/** The labels of both parts, and the files they are from, for messages. */
export type RawLabels = {
  readonly train: Uint8Array
  readonly test: Uint8Array
  readonly files: { readonly train: string; readonly test: string }
}

/**
 * Labels as classes from 0. Where they are within the usual classes, which are `known` by the files' names or are those of the
 * world that was asked for, those are the classes. Else there are as many as the
 * largest label says, counted from 1 where no label is 0; `count`, if it is not 0, says how many there are.
 * @throws UserError where a label is beyond the classes, or where classes up to the largest label have no image at all.
 */
export function toClasses(
  { train, test, files }: RawLabels,
  { names: usual, known }: { readonly names: readonly string[]; readonly known: boolean },
  count: number,
): { train: Uint8Array; test: Uint8Array; classNames: readonly string[]; notes: readonly string[] } {
  const images = new Array<number>(256).fill(0)
  for (const labels of [train, test]) for (const label of labels) images[label]!++
  const largest = images.findLastIndex((n) => n > 0)
  const wanted = count || usual.length
  const first = images[0] === 0 && largest >= wanted ? 1 : 0
  const found = largest + 1 - first
  const classes = count || Math.max(found, usual.length)
  if (found > classes) throw beyond({ train, test, files }, classes - 1 + first, first)
  const missing = images.findIndex((n, label) => label >= first && label <= largest && n === 0)
  if (!count && largest >= usual.length && missing >= 0)
    throw new UserError(
      `${files.train}: labels up to ${largest}, but no image has the label ${missing}: a damaged file? If it is not, say how many classes there are with the option classes (--classes)`,
    )
  const shift = (labels: Uint8Array): Uint8Array => (first ? labels.map((label) => label - first) : labels)
  // that the digits are called 0 to 9 says nothing of ten classes that are counted from 1
  const named = usual.length === classes && (known || first === 0)
  return {
    train: shift(train),
    test: shift(test),
    classNames: named ? usual : Array.from({ length: classes }, (_, c) => String(c + first)),
    notes: first ? [`labels count from 1: ${first} to ${largest} are taken as classes 0 to ${largest - first}`] : [],
  }
}

function beyond({ train, test, files }: RawLabels, highest: number, lowest: number): UserError {
  const [labels, file] = train.some((label) => label > highest) ? [train, files.train] : [test, files.test]
  const at = labels.findIndex((label) => label > highest)
  return new UserError(
    `${file}: byte ${8 + at}: expected a label in ${lowest} ... ${highest}, found ${labels[at]}; the option classes (--classes) says how many there are`,
  )
}
