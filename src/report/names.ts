// What choices are called in pictures.

import type { Environment } from '../env/environment.ts'

/** One name per choice, [K]: the world's own, or numbers. */
export function namesOf({ choiceNames, actionSpace }: Environment): readonly string[] {
  return choiceNames ?? Array.from({ length: actionSpace.choice.count }, (_, k) => String(k))
}
