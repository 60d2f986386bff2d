// Where data that was fetched is kept.

import { homedir } from 'node:os'
import { join } from 'node:path'

/** The directory of a data set in the user's cache. */
export function cacheOf(set: string): string {
  const { XDG_CACHE_HOME, LOCALAPPDATA } = process.env
  const usual = process.platform === 'win32' && LOCALAPPDATA ? LOCALAPPDATA : join(homedir(), '.cache')
  return join(XDG_CACHE_HOME || usual, 'saccade', set)
}
