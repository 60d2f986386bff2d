// A stage that is nothing but element-wise arithmetic on vectors of one length, an optimiser's step for instance, as one
// loop in WebAssembly: each vector is walked through once, where one operator after another would walk a dozen times. The
// numbers are the same, operation by operation, but for sums, which are taken in float64.

import { sizeOf } from '../engine.ts'
import { FunctionBody, type Instruction } from '../webassembly.ts'
import type { Arena } from './arena.ts'
import type { Tensor } from './bindings.ts'
import type { Value } from './graph.ts'
import { nameOf } from './memory.ts'
import type { Stage } from './stages.ts'

/** Below this many elements an operator's own cost counts for more than its walk. */
const long = 4096

/** The operators, and how many operands they take. */
const operators: Readonly<Record<string, readonly [name: string, operands: number]>> = {
  Add: ['add', 2],
  Sub: ['sub', 2],
  Mul: ['mul', 2],
  Div: ['div', 2],
  Min: ['min', 2],
  Max: ['max', 2],
  Sqrt: ['sqrt', 1],
  Neg: ['neg', 1],
  Abs: ['abs', 1],
}

type Operands = Readonly<Record<string, Tensor>>

/** A loop in the place of a session. */
export type Loop = { run(feeds: Operands, fetches: Operands): void }

/** The loop of a stage; undefined where the stage is more than a loop, or has no memory to run in. */
export function loopOf(stage: Stage, arena: Arena): Loop | undefined {
  const length = lengthOfLoop(stage)
  const operands = [...stage.feeds, ...stage.fetches]
  const sizes = operands.map(({ shape }) => sizeOf(shape))
  if (length === undefined || !arena.has(sizes)) return undefined
  // for operands that lie elsewhere; untouched pages cost nothing
  const scratch = sizes.map((size) => arena.allocate(size)!)
  const walk = bodyOf(stage, length).over(arena.memory)
  const inside = (array: Float32Array): boolean => array.buffer === arena.memory.buffer
  const names = operands.map(nameOf)
  const feedCount = stage.feeds.length
  return {
    run(feeds, fetches) {
      const arrays = names.map((name, i) => (i < feedCount ? feeds : fetches)[name]!.data as Float32Array)
      const places = arrays.map((array, i) => (inside(array) ? array : scratch[i]!))
      for (let i = 0; i < feedCount; i++) if (places[i] !== arrays[i]) places[i]!.set(arrays[i]!)
      walk(...places.map(({ byteOffset }) => byteOffset))
      for (let i = feedCount; i < arrays.length; i++) if (places[i] !== arrays[i]) arrays[i]!.set(places[i]!)
    },
  }
}

const isScalar = ({ shape }: Value): boolean => sizeOf(shape) === 1
const isSum = ({ op }: Value): boolean => op === 'ReduceSum'

/** How many elements the vectors of a stage have; undefined where it is no loop. */
function lengthOfLoop({ nodes, feeds, fetches }: Stage): number | undefined {
  const vectors = [...nodes, ...feeds].filter((value) => !isScalar(value))
  const length = vectors.length > 0 ? sizeOf(vectors[0]!.shape) : 0
  const sums = new Set(nodes.filter(isSum))
  const fits = (node: Value): boolean => {
    if (node.inputs.some((input) => sums.has(input) || (input.op === 'Constant' && typeof input.data !== 'number')))
      return false
    if (isSum(node)) return isScalar(node) && !isScalar(node.inputs[0]!) && fetches.includes(node)
    return operators[node.op]?.[1] === node.inputs.length
  }
  const alike = vectors.every(({ shape }) => sizeOf(shape) === length)
  const floats = [...nodes, ...feeds].every(({ dtype }) => dtype === 'float32')
  return length >= long && alike && floats && nodes.every(fits) ? length : undefined
}

/** The function: first the scalars, then four elements at a time, then the rest one by one, at last the sums. */
function bodyOf({ nodes, feeds, fetches }: Stage, length: number): FunctionBody {
  const body = new FunctionBody(feeds.length + fetches.length)
  const addressOf = new Map([...feeds, ...fetches].map((value, i) => [value, i]))
  const numbers = new Map<Value, number>() // locals f32
  const quads = new Map<Value, number>() // locals v128
  const local = (of: Map<Value, number>, type: 'f32' | 'v128', value: Value): number => {
    const known = of.get(value) ?? body.local(type)
    of.set(value, known)
    return known
  }

  // Scalars
  const constants = nodes.flatMap(({ inputs }) => inputs.filter(({ op }) => op === 'Constant'))
  for (const value of new Set(constants)) body.float(value.data as number).set(local(numbers, 'f32', value))
  for (const value of feeds.filter(isScalar))
    body
      .get(addressOf.get(value)!)
      .access('f32.load')
      .set(local(numbers, 'f32', value))
  for (const node of nodes.filter((node) => isScalar(node) && !isSum(node))) {
    for (const input of node.inputs) body.get(numbers.get(input)!)
    body.do(`f32.${operators[node.op]![0]}` as Instruction).set(local(numbers, 'f32', node))
    if (fetches.includes(node)) body.get(addressOf.get(node)!).get(numbers.get(node)!).access('f32.store')
  }
  for (const [value, number] of numbers)
    body
      .get(number)
      .do('f32x4.splat')
      .set(local(quads, 'v128', value))

  // Vectors
  const offset = body.local('i32')
  const sums = nodes.filter(isSum).map((node) => ({ node, pair: body.local('v128'), rest: body.local('f64') }))
  const place = (value: Value): FunctionBody => body.get(addressOf.get(value)!).get(offset).do('i32.add')
  const walk = (wide: boolean, end: number): void => {
    const [of, type, load, store] = wide
      ? ([quads, 'v128', 'v128.load', 'v128.store'] as const)
      : ([numbers, 'f32', 'f32.load', 'f32.store'] as const)
    body.while(offset, end, () => {
      for (const value of feeds.filter((feed) => !isScalar(feed)))
        place(value)
          .access(load)
          .set(local(of, type, value))
      for (const node of nodes.filter((node) => !isScalar(node))) {
        for (const input of node.inputs) body.get(of.get(input)!)
        body.do(`${wide ? 'f32x4' : 'f32'}.${operators[node.op]![0]}` as Instruction).set(local(of, type, node))
        if (fetches.includes(node)) place(node).get(of.get(node)!).access(store)
      }
      for (const { node, pair, rest } of sums) {
        const value = of.get(node.inputs[0]!)!
        if (wide) {
          body.get(pair).get(value).do('f64x2.promote_low_f32x4', 'f64x2.add')
          body.upperHalf(value).do('f64x2.promote_low_f32x4', 'f64x2.add').set(pair)
        } else body.get(rest).get(value).do('f64.promote_f32', 'f64.add').set(rest)
      }
      body.advance(offset, { bytes: wide ? 16 : 4 })
    })
  }
  walk(true, 16 * Math.floor(length / 4))
  walk(false, 4 * length)
  for (const { node, pair, rest } of sums) {
    body.get(addressOf.get(node)!)
    body.get(pair).lane(0).get(pair).lane(1).do('f64.add').get(rest).do('f64.add', 'f32.demote_f64').access('f32.store')
  }
  return body
}
