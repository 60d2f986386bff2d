// Compiles src/ and scripts/ into a directory (by default dist/), with types, makes the program executable, and builds the
// pages, which an installed package serves as they are.

import { spawnSync } from 'node:child_process'
import { chmodSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { dashboardPage, playgroundPage, writePage } from './pages.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const out = resolve(root, process.argv[2] ?? 'dist')
rmSync(out, { recursive: true, force: true })
const tsc = createRequire(import.meta.url).resolve('typescript/bin/tsc')
const project = ['-p', 'tsconfig.build.json', '--outDir', out]
const { status } = spawnSync(process.execPath, [tsc, ...project], { cwd: root, stdio: 'inherit' })
if (status === 0) {
  chmodSync(resolve(out, 'scripts', 'saccade.js'), 0o755)
  writePage(await dashboardPage(), resolve(out, 'web', 'dashboard'))
  writePage(await playgroundPage(), resolve(out, 'web', 'playground'))
}
process.exitCode = status ?? 1
