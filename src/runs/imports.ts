// Modules of the user's own that register environments and algorithms: found, loaded, and remembered as absolute paths. They are
// code. What a person names here runs; what a file names, a run directory of somebody else's for one, runs only once somebody
// here has said so.

import { statSync } from 'node:fs'
import { createRequire } from 'node:module'
import { isAbsolute, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { UserError } from '../core/errors.ts'
import { registerFrom } from '../core/registry.ts'

/** The absolute path of a module file, seen from `base`; a package's name stays as it is. @throws UserError where there is no such file. */
export function resolveModule(module: string, base: string = process.cwd()): string {
  if (module.trim() === '') throw new UserError('a module to import has an empty name; give a file or a package')
  const path = resolve(base, module)
  const stat = statSync(path, { throwIfNoEntry: false })
  if (stat?.isFile()) return path
  if (stat) throw new UserError(`cannot import ${module}: ${path} is ${stat.isDirectory() ? 'a directory' : 'no file'}`)
  if (/^[./\\]|^[a-zA-Z]:[\\/]|\.[cm]?[jt]s$/.test(module))
    throw new UserError(`cannot import ${module}: there is no file ${path}`)
  if (/^\w+:/.test(module)) throw new UserError(`cannot import ${module}: give a file or a package`)
  return module
}

/** Who decides about modules that a file names and nobody here has. */
export type Gatekeeper = {
  /** Whether modules that `source` names may run. */
  admit(modules: readonly string[], source: string): Promise<boolean>
  /** Somebody here has named these. */
  remember(modules: readonly string[]): void
}

const nobody: Gatekeeper = { admit: async () => false, remember: () => {} }
let gatekeeper = nobody
const [trusted, imported] = [new Set<string>(), new Set<string>()]

/** Let somebody decide, until told otherwise; without one, nothing that only a file names runs. */
export function decideBy(who: Gatekeeper = nobody): void {
  gatekeeper = who
}

/** Let these modules run where a run directory names them: absolute paths, or names of packages. */
export function trustModules(modules: readonly string[]): void {
  for (const module of modules) trusted.add(module)
}

/** Import what a person named here. @throws UserError as `importModules`. */
export async function importGiven(modules: readonly string[]): Promise<void> {
  trustModules(modules)
  await importModules(modules)
  gatekeeper.remember(modules)
}

/**
 * Import what a run directory or another file names, where it was named here too, or whoever decides says yes.
 * @param source the directory or the file, for the message
 * @throws UserError where it may not run, and as `importModules`.
 */
export async function importNamed(modules: readonly string[], source: string): Promise<void> {
  const unknown = modules.filter((module) => !trusted.has(module))
  if (unknown.length > 0 && !(await gatekeeper.admit(unknown, source)))
    throw new UserError(
      `${source} names modules, which are code and would run here: ${unknown.join(', ')}; where you trust them, add --trust (in code: call trustModules)`,
    )
  trustModules(unknown)
  await importModules(modules)
}

/**
 * Import modules, in order, for what they register; one that was imported before does nothing. TypeScript works where
 * Node or tsx understands it. Asks nobody: for threads and processes of whoever has asked.
 * @param modules absolute paths or names of packages
 * @throws UserError where one cannot be found or read, or fails.
 */
export async function importModules(modules: readonly string[]): Promise<void> {
  const registration = registerFrom('imported')
  try {
    for (const module of modules) {
      imported.add(module)
      await importModule(resolveModule(module))
    }
  } finally {
    registration.done()
  }
}

/** Where an error arose in one of the modules that were imported, `file:line`; undefined where it did not. */
export function placeInModules({ stack = '' }: { readonly stack?: string | undefined }): string | undefined {
  for (const line of stack.split('\n'))
    for (const module of imported) {
      const at = line.indexOf(`${module}:`)
      const number = at < 0 ? undefined : /^\d+/.exec(line.slice(at + module.length + 1))?.[0]
      if (number !== undefined) return `${module}:${number}`
    }
  return undefined
}

async function importModule(module: string): Promise<void> {
  const address = isAbsolute(module) ? pathToFileURL(module).href : module
  if (/\.[cm]?ts$/.test(module)) await learnTypeScript(module)
  try {
    await import(address)
  } catch (error) {
    const { code, message } = error as { code?: unknown; message?: unknown }
    if (code === 'ERR_MODULE_NOT_FOUND' && address === module && String(message).includes(`'${module}'`))
      await import(pathToFileURL(findPackage(module)).href)
    else if (code === 'ERR_REQUIRE_CYCLE_MODULE' || code === 'ERR_REQUIRE_ESM')
      throw new UserError(
        `cannot import ${module}: it is read as CommonJS; name it .mts or .mjs, or set "type": "module" in its package.json`,
      )
    else if (error instanceof UserError) throw error
    else {
      const why = error instanceof Error ? `${error.name}: ${error.message}` : String(error)
      const [where, more] = [placeInModules(error as Error), 'it fails by itself; --debug shows where']
      throw new UserError(`cannot import ${where ?? module}: ${why} (${more})`, { cause: error })
    }
  }
}

/** Whether this process reads TypeScript: it runs from it, or Node does by itself. */
let knowsTypeScript =
  import.meta.url.endsWith('.ts') || Boolean((process.features as { typescript?: unknown }).typescript)

/** Teach this process TypeScript, with the tsx that is installed here or where the user works. */
async function learnTypeScript(module: string): Promise<void> {
  if (knowsTypeScript) return
  for (const base of [import.meta.url, `${process.cwd()}/`]) {
    const tsx = findTsx(base)
    if (!tsx) continue
    const { register } = await import(tsx)
    register()
    knowsTypeScript = true
    return
  }
  throw new UserError(
    `cannot import ${module}: Node ${process.versions.node} reads no TypeScript; npm install tsx, or give a .js file`,
  )
}

/** The address of tsx's registration; its CommonJS form, which `require.resolve` would find, does not work from a module. */
function findTsx(base: string): string | undefined {
  const require = createRequire(base)
  try {
    const path = require.resolve('tsx/package.json')
    const entry = require(path).exports['./esm/api'].import
    return pathToFileURL(resolve(path, '..', typeof entry === 'string' ? entry : entry.default)).href
  } catch {
    return undefined // not installed there
  }
}

/** A package that is installed where the user works, not where this one is. */
function findPackage(name: string): string {
  try {
    return createRequire(`${process.cwd()}/`).resolve(name)
  } catch {
    throw new UserError(`cannot import ${name}: no such file and no such package`)
  }
}
