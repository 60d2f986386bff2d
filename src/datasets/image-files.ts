// Which image files a folder holds, and of which class and part each is: one folder per class, or first one per part.
// Folders within a class's folder belong to that class, and links are followed, as in torchvision's ImageFolder.

import { type Dirent, readdirSync, realpathSync, statSync } from 'node:fs'
import { extname, join } from 'node:path'
import { UserError } from '../core/errors.ts'
import type { Split } from '../env/registry.ts'

/** One image file, its class, and its name within the part: `class/file.png`. */
export type ImageFile = { readonly path: string; readonly label: number; readonly identity: string }

/** The image files of a folder. */
export type FolderFiles = {
  /** Sorted. */
  readonly classNames: readonly string[]
  /** Without a part's own folder, `validation` and `test` are absent, and all files are under `train`. */
  readonly parts: Readonly<Partial<Record<Split, readonly ImageFile[]>>>
  /** What was found beside that, in sentences. */
  readonly notes: readonly string[]
}

/** Folders of these names, in any case, are parts. */
const partNames: Readonly<Record<string, Split>> = {
  train: 'train',
  training: 'train',
  val: 'validation',
  valid: 'validation',
  validation: 'validation',
  test: 'test',
  testing: 'test',
}

/** Files that are meant as images, whether or not they can be read. */
const imageName =
  /\.(a?png|jpe?g|jpe|jfif|webp|gif|tiff?|avif|bmp|dib|hei[cf]|svgz?|p[bgnp]m|ico|jp2|jxl|psd|tga|dng|cr2|nef|raw)$/i

/** What is found on the way, by kind. */
type Found = { nested: number; readonly others: Map<string, number>; readonly notes: string[] }

/** @throws UserError where there is no such folder, or no two classes in it. */
export function listImageFiles(folder: string): FolderFiles {
  if (!folder)
    throw new UserError('Images: set the option data (--data) to a directory with one folder of images per class')
  const found: Found = { nested: 0, others: new Map(), notes: [] }
  const inside = list(folder, found)
  const folders = inside.folders.sort()
  if (inside.files.length > 0)
    found.notes.push(`${plural(inside.files.length, 'file')} beside the folders, not read: ${few(inside.files)}`)
  const cut = partsOf(folder, folders)
  const trainFolder = cut ? join(folder, cut.train) : folder
  const classNames = cut ? list(trainFolder, found).folders.sort() : folders
  checkClasses(trainFolder, classNames)
  const parts: Partial<Record<Split, ImageFile[]>> = {}
  for (const [part, name] of cut ? (Object.entries(cut) as [Split, string][]) : [['train', ''] as const])
    parts[part] = filesOfPart(join(folder, name), classNames, found)
  const rest = cut ? folders.filter((name) => !Object.values(cut).includes(name)) : []
  if (rest.length > 0) found.notes.push(`folders beside those of the parts, not read: ${few(rest)}`)
  if (found.nested > 0) found.notes.push(`${plural(found.nested, 'image')} in folders within the classes' are read too`)
  if (found.others.size > 0)
    found.notes.push(
      `not images: ${few(
        [...found.others].sort().map(([kind, count]) => `${count} ${kind}`),
        ', ',
      )}`,
    )
  return { classNames, parts, notes: found.notes }
}

/** The folder of each part, where the folder is cut into parts: it has one for training, and another. */
function partsOf(
  folder: string,
  folders: readonly string[],
): ({ train: string } & Partial<Record<Split, string>>) | undefined {
  const parts: Partial<Record<Split, string>> = {}
  for (const name of folders) {
    const part = partNames[name.toLowerCase()]
    if (!part) continue
    if (parts[part])
      throw new UserError(
        `Images: ${folder} has two folders for ${part}, ${parts[part]} and ${name}; remove or rename one`,
      )
    parts[part] = name
  }
  const { train } = parts
  return train !== undefined && Object.keys(parts).length > 1 ? { ...parts, train } : undefined
}

function checkClasses(folder: string, classNames: readonly string[]): void {
  if (classNames.length < 2)
    throw new UserError(
      `Images: ${folder} has ${classNames.length} class folders (${classNames}); at least 2 are needed, one per class`,
    )
  if (classNames.length > 256)
    throw new UserError(`Images: ${folder} has ${classNames.length} class folders; at most 256 are allowed`)
}

/** Every image file of a part, class by class, each class in the order of the names. */
function filesOfPart(folder: string, classNames: readonly string[], found: Found): ImageFile[] {
  const { folders } = list(folder, found)
  const stranger = folders.find((name) => !classNames.includes(name))
  if (stranger !== undefined)
    throw new UserError(`Images: ${join(folder, stranger)} has no counterpart for training; the classes must agree`)
  return classNames.flatMap((name, label) => {
    if (!folders.includes(name)) return []
    return filesWithin(join(folder, name), found).map((file) => ({
      path: join(folder, name, file),
      label,
      identity: `${name}/${file}`.normalize('NFC'),
    }))
  })
}

/** The names of the images in a class's folder and those within it, sorted, with `/` between folder and file. */
function filesWithin(folder: string, found: Found, above: readonly string[] = []): string[] {
  const here = realpathSync(folder)
  if (above.includes(here)) {
    found.notes.push(`${folder} is a link to a folder that it is in, and is not followed`)
    return []
  }
  const { files, folders } = list(folder, found)
  const images = files.filter((file) => imageName.test(file))
  for (const file of files) if (!imageName.test(file)) count(found.others, extname(file) || file)
  if (above.length > 0) found.nested += images.length
  const deeper = folders.flatMap((name) =>
    filesWithin(join(folder, name), found, [...above, here]).map((file) => `${name}/${file}`),
  )
  return [...images, ...deeper].sort()
}

/** What is in a folder, links as what they lead to; hidden files and what a Mac packs beside are passed over. */
function list(folder: string, found: Found): { files: string[]; folders: string[] } {
  const files: string[] = []
  const folders: string[] = []
  for (const entry of entriesOf(folder)) {
    if (entry.name.startsWith('.') || entry.name === '__MACOSX') continue
    const kind = entry.isSymbolicLink() ? statSync(join(folder, entry.name), { throwIfNoEntry: false }) : entry
    if (!kind) count(found.others, 'links to nothing')
    else if (kind.isDirectory()) folders.push(entry.name)
    else if (kind.isFile()) files.push(entry.name)
    else count(found.others, 'neither file nor folder')
  }
  return { files, folders }
}

function entriesOf(folder: string): Dirent[] {
  try {
    return readdirSync(folder, { withFileTypes: true })
  } catch (error) {
    throw new UserError(`Images: cannot read directory ${folder}: ${(error as NodeJS.ErrnoException).code}`)
  }
}

const count = (counts: Map<string, number>, kind: string): void => void counts.set(kind, (counts.get(kind) ?? 0) + 1)

/** The first few, and how many more. */
export const few = (items: readonly string[], between = '; '): string =>
  items.slice(0, 4).join(between) + (items.length > 4 ? `${between}and ${items.length - 4} more` : '')

export const plural = (count: number, noun: string): string =>
  `${count.toLocaleString('en')} ${noun}${count === 1 ? '' : noun.endsWith('s') ? 'es' : 's'}`
