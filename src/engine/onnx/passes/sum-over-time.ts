// The gradient of a weight that is used at every time step is a sum over the steps: sum_t X_t' dY_t, one matrix product
// and one addition each. The same sum is one product of what lies under each other: [X_0; X_1; ...]' [dY_0; dY_1; ...].
// Likewise for a bias: sum_t of the column sums of dY_t is the column sum of [dY_0; dY_1; ...].

import { countUses, type Rule, reachable, type Value } from '../graph.ts'
import { binary, concat, gemm, reduce } from '../operators.ts'

export const sumOverTime = (roots: readonly Value[]): Rule => {
  const uses = countUses(roots)
  const values = reachable(roots)
  const time = timeOf(values)
  // a sum of many terms is merged where it ends, once, not at each of its partial sums
  const partial = new Set(values.flatMap((sum) => (sum.op === 'Add' ? partialSums(sum, uses) : [])))
  const early = (a: Value, b: Value) => time(a) - time(b)
  return (value, original, now) => {
    if (value.op !== 'Add' || partial.has(original)) return value
    const terms = termsOf(original, partial)
    const products = terms.filter(isOuterProduct).sort(early).map(now).filter(isOuterProduct)
    const sums = terms.filter(isColumnSum).sort(early).map(now).filter(isColumnSum)
    if (products.length < 2 && sums.length < 2) return value
    const rest = terms.map(now).filter((term) => !products.includes(term) && !sums.includes(term))
    return [...mergedProducts(products), ...mergedSums(sums), ...rest].reduce((sum, term) => binary('Add', sum, term))
  }
}

/**
 * An order for the terms, the same for all that have the same dY: X was computed on the way forward, so its number tells
 * the time. In this order the X of earlier stages can lie end to end from the start, and slices of one tensor join.
 */
function timeOf(values: readonly Value[]): (term: Value) => number {
  const times = new Map<Value, number>()
  for (const { inputs } of values.filter(isOuterProduct)) times.set(inputs[1]!, inputs[0]!.id)
  return ({ inputs }) => times.get(inputs.at(-1)!) ?? 0
}

/** The terms of a sum of equal shapes; a partial sum that something else needs counts as one term. */
const termsOf = (sum: Value, partial: ReadonlySet<Value>): Value[] =>
  sum.inputs.flatMap((term) => (partial.has(term) ? termsOf(term, partial) : [term]))

/** The operands of a sum that are sums themselves, of its shape, and part of nothing else. */
const partialSums = (sum: Value, uses: ReadonlyMap<Value, number>): Value[] =>
  sum.inputs.filter((term) => term.op === 'Add' && uses.get(term) === 1 && String(term.shape) === String(sum.shape))

const isOuterProduct = ({ op, attributes, inputs }: Value) =>
  op === 'Gemm' && attributes.transA === 1 && attributes.transB === 0 && inputs.length === 2

const isColumnSum = ({ op, attributes, inputs }: Value) =>
  op === 'ReduceSum' && String(attributes.axes) === '0' && inputs[0]!.shape.length === 2

const operands = (terms: readonly Value[], i: number) =>
  concat(
    terms.map(({ inputs }) => inputs[i]!),
    0,
  )

function mergedProducts(terms: readonly Value[]): Value[] {
  return terms.length < 2 ? [...terms] : [gemm(operands(terms, 0), operands(terms, 1), true, false)]
}

function mergedSums(terms: readonly Value[]): Value[] {
  if (terms.length < 2) return [...terms]
  return [reduce('ReduceSum', operands(terms, 0), [0], terms[0]!.attributes.keepdims === 1)]
}
