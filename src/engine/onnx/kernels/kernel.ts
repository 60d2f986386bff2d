// What a recorded kernel is.

import type { Graph, Value } from '../graph.ts'

/**
 * A tfjs kernel in terms of ONNX operators: named inputs and attributes as tfjs passes them, one value or several out.
 * The attributes' type is what tfjs documents for that kernel.
 */
export type Kernel = (
  inputs: Readonly<Record<string, Value>>,
  attributes: never,
  graph: Graph,
) => Value | readonly Value[]

/** Kernels by tfjs's names. */
export type Kernels = Readonly<Record<string, Kernel>>

/** A kernel of the input `x` and attributes. */
export const ofX =
  <A>(make: (x: Value, attributes: A) => Value): Kernel =>
  ({ x }, attributes) =>
    make(x!, attributes as A)

/** A kernel of the inputs `a` and `b`. */
export const ofAB =
  (make: (a: Value, b: Value) => Value): Kernel =>
  ({ a, b }) =>
    make(a!, b!)
