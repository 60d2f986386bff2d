// A folder of images of one's own as a data set: what can be used of it, in one size and colour, and what was left out.

import { basename, resolve } from 'node:path'
import { UserError } from '../core/errors.ts'
import { type Dataset, sharedBytes } from './dataset.ts'
import { formatNames } from './decode-image.ts'
import { hashNames } from './fingerprint.ts'
import { type FolderFiles, few, type ImageFile, listImageFiles, plural } from './image-files.ts'
import { inPixels } from './image-size.ts'
import { type ReadImages, type ReadOptions, readImages } from './read-images.ts'
import { splits } from './split.ts'

export type ImageFolderOptions = ReadOptions & {
  /** Go on where more than a tenth of the files, or all of a class, cannot be used. */
  readonly skipBroken: boolean
}

export const imageFolderDefaults: ImageFolderOptions = {
  channels: 0,
  side: 0,
  fit: 'pad',
  background: 0,
  skipBroken: false,
}

/** A file that cannot be used, and why. */
type Fault = ImageFile & { readonly fault: string }

/**
 * Load a folder of images; the classes are its folders' names, sorted.
 * @throws UserError where there is no such folder, or no two classes in it; unless `skipBroken`, where more than a tenth
 * of the files or all of a class cannot be used; and where the images are too many for the machine's disk.
 */
export function loadImageFolder(
  folder: string,
  given: Partial<ImageFolderOptions> = {},
  readFiles: typeof readImages = readImages,
): Dataset {
  const options = { ...imageFolderDefaults, ...given }
  const { classNames, parts, notes } = listImageFiles(folder)
  const files = splits.flatMap((split) => parts[split] ?? [])
  const read = readFiles(
    files.map(({ path }) => path),
    options,
  )
  const used = files.filter((_, i) => read.faults[i] === null)
  const broken = files.flatMap((file, i) => (read.faults[i] === null ? [] : [{ ...file, fault: read.faults[i]! }]))
  const kept = classNames.filter((_, label) => used.some((file) => file.label === label))
  const lost = classNames.filter((name) => !kept.includes(name))
  if (!options.skipBroken) refuseLosses(folder, files, broken, lost)
  if (kept.length < 2)
    throw new UserError(
      `Images: ${folder} has ${plural(kept.length, 'class')} with usable images; at least 2 are needed${broken.length > 0 ? `; ${tell(broken)}` : ''}`,
    )
  const labels = sharedBytes(used.length)
  labels.set(used.map(({ label }) => kept.indexOf(classNames[label]!)))
  const counts = countParts(folder, parts, read)
  return {
    name: basename(resolve(folder)),
    images: read.images,
    ...(read.file && { file: read.file }),
    labels,
    ...read.size,
    channels: read.channels,
    classNames: kept,
    validationFrom: counts.train,
    testFrom: counts.train + counts.validation,
    identities: hashNames(used.map(({ identity }) => identity)),
    own: true,
    notes: [
      ...(broken.length > 0 ? [`left out ${broken.length} of ${plural(files.length, 'image')}: ${tell(broken)}`] : []),
      ...(lost.length > 0
        ? [`left out ${plural(lost.length, 'class')} without a usable image: ${few(lost, ', ')}`]
        : []),
      ...notes,
      ...sizeNotes(read, options),
      ...(read.file ? ['the images are too many for memory: each is read from a file when it is shown'] : []),
    ],
  }
}

/** How many images of each part can be used. @throws UserError where a part has a folder, but no usable image. */
function countParts(
  folder: string,
  parts: FolderFiles['parts'],
  { faults }: ReadImages,
): { readonly train: number; readonly validation: number; readonly test: number } {
  const counts = { train: 0, validation: 0, test: 0 }
  let from = 0
  for (const split of splits) {
    const files = parts[split]
    if (!files) continue
    counts[split] = faults.slice(from, from + files.length).filter((fault) => fault === null).length
    from += files.length
    if (counts[split] === 0) throw new UserError(`Images: the folder for ${split} in ${folder} has no usable image`)
  }
  return counts
}

function refuseLosses(
  folder: string,
  files: readonly ImageFile[],
  broken: readonly Fault[],
  lost: readonly string[],
): void {
  const ways = 'mend or remove what is named, or leave it out with skipBroken (--skip-broken)'
  const why = broken.length > 0 ? `: ${tell(broken)}` : ''
  if (lost.length > 0)
    throw new UserError(
      `Images: class ${few(lost, ', ')} in ${folder} has no usable image (${formatNames})${why}; ${ways}`,
    )
  if (broken.length * 10 > files.length)
    throw new UserError(
      `Images: ${broken.length} of ${plural(files.length, 'image')} in ${folder} cannot be used, more than a tenth${why}; ${ways}`,
    )
}

/** Faults by reason, each with how often and an example. */
function tell(broken: readonly Fault[]): string {
  const reasons = new Map<string, Fault[]>()
  for (const file of broken) reasons.set(file.fault, [...(reasons.get(file.fault) ?? []), file])
  const sorted = [...reasons].sort(([, a], [, b]) => b.length - a.length)
  return few(
    sorted.map(
      ([reason, [first, ...more]]) => `${first!.path}${more.length > 0 ? ` and ${more.length} more` : ''}: ${reason}`,
    ),
  )
}

/** How images were brought to one size and colour. */
function sizeNotes(read: ReadImages, { fit, channels, side }: ImageFolderOptions): string[] {
  const { sizes, size } = read
  const ways = {
    pad: 'kept whole on the background',
    crop: 'cut to fill it',
    stretch: 'stretched to it',
  }
  const span = sizes.kinds > 1 ? `${inPixels(sizes.smallest)} to ${inPixels(sizes.largest)}` : inPixels(sizes.smallest)
  const changed = sizes.kinds > 1 || inPixels(sizes.smallest) !== inPixels(size)
  const by = side > 0 ? '' : ', the median width and height'
  return [
    ...(changed
      ? [`images of ${span} are brought to ${inPixels(size)}${by}, ${ways[fit]} (change it with --side and --fit)`]
      : []),
    ...(channels === 1 ? ['colour is turned to grey (--channels 1)'] : []),
  ]
}
