// Which runs change, found by looking: file system events are unreliable over networks and in containers, and a look
// costs a few `stat`s a run. Nobody looks where nobody listens.

import { join } from 'node:path'
import { fingerprint, listRuns } from '../runs/read-run.ts'

/** Milliseconds between two looks. */
const interval = 400

/**
 * Tell which runs under a directory changed, came or went, until the returned function is called.
 * @param tell is given the names of those that did, never none
 */
export function watchRuns(root: string, tell: (names: readonly string[]) => void): () => void {
  let before = look(root)
  const timer = setInterval(() => {
    const now = look(root)
    const names = [...new Set([...before.keys(), ...now.keys()])].filter((name) => before.get(name) !== now.get(name))
    before = now
    if (names.length > 0) tell(names)
  }, interval)
  return () => clearInterval(timer)
}

function look(root: string): Map<string, string> {
  return new Map(listRuns(root).map((name) => [name, fingerprint(join(root, name))]))
}
