// Modules of the user's own that register environments and algorithms: found, loaded, and remembered as absolute paths.

import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { UserError } from '../core/errors.ts'
import { registerFrom } from '../core/registry.ts'

/** The absolute path of a module file, seen from `base`; a package's name stays as it is. @throws UserError where there is no such file. */
export function resolveModule(module: string, base: string = process.cwd()): string {
  const path = resolve(base, module)
  if (existsSync(path)) return path
  if (/^[./\\]|^\w:|\.[cm]?[jt]s$/.test(module))
    throw new UserError(`cannot import ${module}: there is no file ${path}`)
  return module
}

/**
 * Import modules, in order, for what they register; one that was imported before does nothing. TypeScript works where
 * Node or tsx understands it.
 * @param modules absolute paths or names of packages
 * @throws UserError where one cannot be found or read, and what it throws itself.
 */
export async function importModules(modules: readonly string[]): Promise<void> {
  const registration = registerFrom('imported')
  try {
    for (const module of modules) await importModule(module)
  } finally {
    registration.done()
  }
}

async function importModule(module: string): Promise<void> {
  const address = existsSync(module) ? pathToFileURL(module).href : module
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
    else if (error instanceof SyntaxError) throw new UserError(`cannot import ${module}: ${error.message}`)
    else throw error
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
