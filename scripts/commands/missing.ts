// The fast engine comes with packages that an installer may leave out without a word: what is missing, and the one command that
// mends it, in one line.

import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'

/** The packages of the fast engine, at the versions that are known to work. */
export const fastPackages = { 'onnxruntime-node': '1.30.0', koffi: '3.3.4' }

/** What the line depends on. */
export type Machine = {
  readonly platform: string
  readonly arch: string
  /** Whether the C library is musl. */
  readonly musl: boolean
  /** Name and version of what runs packages' programs, such as `pnpm/10.1.0 ...`. */
  readonly installer: string
  /** Whether this is a clone of the repository, not an installed package. */
  readonly clone: boolean
  has(name: string): boolean
}

/** One line of at most 100 characters where the fast engine cannot start; undefined where it can, or there is none for the machine. */
export function missingLine({ platform, arch, musl, installer, clone, has }: Machine): string | undefined {
  if (!['linux', 'darwin', 'win32'].includes(platform) || !['x64', 'arm64'].includes(arch)) return undefined
  if (musl) return 'slow: ONNX Runtime has no build for musl; use an image with glibc, such as node:22-slim'
  const missing = Object.entries(fastPackages).filter(([name]) => !has(name))
  const [first] = missing[0] ?? []
  if (first === undefined) return undefined
  const begin = `slow: ${first === 'koffi' ? first : 'the fast engine'} is missing;`
  if (clone) return `${begin} npm ci`
  const [, tool = 'npm', major = '0'] = /^(pnpm|yarn)\/(\d+)/.exec(installer) ?? []
  // without its install script, which downloads what is needed for CUDA alone
  const without = tool === 'yarn' && Number(major) > 1 ? '--mode=skip-build' : '--ignore-scripts'
  return `${begin} ${tool} add -O ${without} ${missing.map((each) => each.join('@')).join(' ')}`
}

/** The line for this process. */
export function missingHere(): string | undefined {
  const { resolve } = createRequire(import.meta.url)
  return missingLine({
    platform: process.platform,
    arch: process.arch,
    musl: isMusl(),
    installer: process.env.npm_config_user_agent ?? '',
    clone: import.meta.url.endsWith('.ts'),
    has(name) {
      try {
        return resolve(name) !== ''
      } catch {
        return false
      }
    },
  })
}

/** Whether Node itself runs on musl: its loader is there, and glibc is not. */
function isMusl(): boolean {
  if (!existsSync(`/lib/ld-musl-${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}.so.1`)) return false
  const { header } = process.report.getReport() as { header?: { glibcVersionRuntime?: string } }
  return header?.glibcVersionRuntime === undefined
}
