// A project of a stranger's, into which the packed package is unpacked. What `npm install` would put beside it, the packages
// that the lock file does not call ours alone, is linked: a dependency that the manifest does not name is missed here.

import { type SpawnSyncReturns, spawnSync } from 'node:child_process'
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import * as assert from 'uvu/assert'

/** The directory of the clone. */
export const root = fileURLToPath(new URL('../..', import.meta.url))

/** When the newest of these folders' sources was written. */
const newest = (...folders: string[]): number =>
  Math.max(
    ...folders.flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
        .filter((name) => name.endsWith('.ts'))
        .map((name) => statSync(join(root, folder, name)).mtimeMs),
    ),
  )

/** Whether dist/ is as new as the sources; says so where it is not. */
export function isBuilt(): boolean {
  const program = join(root, 'dist', 'scripts', 'saccade.js')
  const built = existsSync(program) && statSync(program).mtimeMs > newest('src', 'scripts')
  if (!built) console.log('SKIP FILE the packed package: dist is missing or older than the sources (npm run build)')
  return built
}

/** What a stranger's project is, and how to run Node in it. */
export type Project = {
  readonly home: string
  /** Write a file of the project's own. */
  write(name: string, text: string): void
  node(...args: string[]): SpawnSyncReturns<string>
}

/** A project with the packed package installed; with `bare`, as by `npm install --omit=optional`. */
export function strangersProject({ bare = false } = {}): Project {
  const home = mkdtempSync(join(tmpdir(), 'saccade-'))
  const packed = spawnSync('npm', ['pack', '--ignore-scripts', '--pack-destination', home], {
    cwd: root,
    encoding: 'utf8',
  })
  assert.is(packed.status, 0, packed.stderr)
  const tarball = readdirSync(home).find((name) => name.endsWith('.tgz'))!
  const target = join(home, 'node_modules', 'saccade')
  mkdirSync(target, { recursive: true })
  const unpacked = spawnSync('tar', ['-xzf', join(home, tarball), '-C', target, '--strip-components=1'])
  assert.is(unpacked.status, 0, String(unpacked.stderr))
  linkDependencies(home, bare)
  writeFileSync(join(home, 'package.json'), '{"type": "module"}')
  return {
    home,
    write: (name, text) => writeFileSync(join(home, name), text),
    node: (...args) => spawnSync(process.execPath, args, { cwd: home, encoding: 'utf8' }),
  }
}

function linkDependencies(home: string, bare: boolean): void {
  for (const [path, { dev, devOptional, optional }] of Object.entries(lockedPackages())) {
    const nested = path.lastIndexOf('node_modules/') > 0
    if (path === '' || dev || devOptional || (bare && optional) || nested || !existsSync(join(root, path))) continue
    mkdirSync(dirname(join(home, path)), { recursive: true })
    symlinkSync(join(root, path), join(home, path))
  }
}

/** What package-lock.json says of a package. */
export type LockedPackage = {
  readonly dev?: boolean
  readonly devOptional?: boolean
  /** Needed by optional dependencies alone. */
  readonly optional?: boolean
  readonly optionalDependencies?: Readonly<Record<string, string>>
}

/** The packages of the lock file by their paths; '' is ours. */
export const lockedPackages = (): Readonly<Record<string, LockedPackage>> =>
  JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages
