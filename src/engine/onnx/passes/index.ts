// What is done to a graph before it is cut and run. Each pass is a rule for one value, offered from the inputs up.

import { countUses, type Rule, rewrite, type Value } from '../graph.ts'
import type { Output } from '../trace.ts'
import { batch } from './batch.ts'
import { fuseBias } from './bias.ts'
import { fold } from './fold.ts'
import { reluMask } from './relu-mask.ts'
import { gatherScalars } from './scalars.ts'
import { simplify } from './simplify.ts'
import { spread } from './spread.ts'
import { sumOverTime } from './sum-over-time.ts'

const local: Rule = (value, ...rest) => {
  for (const rule of [fold, spread, simplify, reluMask, gatherScalars]) {
    const replaced = rule(value, ...rest)
    if (replaced !== value) return replaced
  }
  return value
}

/** The same results, cheaper. */
export function optimise(outputs: readonly Output[]): Output[] {
  let roots = rewrite(
    outputs.map(({ value }) => value),
    local,
  )
  roots = rewrite(roots, sumOverTime(roots))
  roots = untilStable(roots, (now) => rewrite(rewrite(now, batch(countUses(now))), local))
  roots = untilStable(roots, (now) => rewrite(now, fuseBias(countUses(now))))
  return outputs.map((output, i) => ({ ...output, value: roots[i]! }))
}

function untilStable(roots: Value[], pass: (roots: Value[]) => Value[]): Value[] {
  const next = pass(roots)
  return next.every((value, i) => value === roots[i]) ? roots : untilStable(next, pass)
}
