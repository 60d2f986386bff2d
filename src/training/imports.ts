// Modules of the user's own that register environments and algorithms: found, loaded, and remembered as absolute paths.

import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { UserError } from '../errors.ts'

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
  for (const module of modules) await importModule(module)
}

async function importModule(module: string): Promise<void> {
  const address = existsSync(module) ? pathToFileURL(module).href : module
  try {
    await import(address)
  } catch (error) {
    const { code, message } = error as { code?: unknown; message?: unknown }
    if (code === 'ERR_UNKNOWN_FILE_EXTENSION' && /\.[cm]?ts$/.test(module)) {
      await registerTypeScript(module)
      await import(address)
    } else if (code === 'ERR_MODULE_NOT_FOUND' && address === module && String(message).includes(`'${module}'`))
      await import(pathToFileURL(findPackage(module)).href)
    else if (error instanceof SyntaxError) throw new UserError(`cannot import ${module}: ${error.message}`)
    else throw error
  }
}

/** Teach this process TypeScript, with the tsx that is installed here or where the user works. */
async function registerTypeScript(module: string): Promise<void> {
  for (const base of [import.meta.url, `${process.cwd()}/`]) {
    try {
      const { register } = await import(pathToFileURL(createRequire(base).resolve('tsx/esm/api')).href)
      register()
      return
    } catch {
      // not installed there
    }
  }
  throw new UserError(
    `cannot import ${module}: Node ${process.versions.node} reads no TypeScript; npm install tsx, or give a .js file`,
  )
}

/** A package that is installed where the user works, not where this one is. */
function findPackage(name: string): string {
  try {
    return createRequire(`${process.cwd()}/`).resolve(name)
  } catch {
    throw new UserError(`cannot import ${name}: no such file and no such package`)
  }
}
