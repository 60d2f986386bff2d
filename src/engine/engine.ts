// What computes. An engine takes a pure tensor function once, as a definition, and runs it many times with typed
// arrays on both sides. Types and their laws; the engines are in the files beside this one.
//
// The function is a generator: what it yields, the host sees; what the host answers, it receives. So one definition can
// act, let the world move, look again, and at last differentiate the whole, and an engine that records it sees that
// acting and learning share their arithmetic. A function without a host in the middle never yields.

import { UserError } from '../core/errors.ts'
import type { Arrays, DType, Layout, Tensors } from '../core/tensors.ts'

export type { Arrays, DType, Layout, Tensors } from '../core/tensors.ts'
export { lengthOf, sizeOf } from '../core/tensors.ts'

/** The inputs of one stage: names, shapes, types. Dimensions are fixed: another batch size is another program. */
export type Signature = { readonly [name: string]: { readonly shape: readonly number[]; readonly dtype: DType } }

/** A float32 vector that lives where the engine computes: parameters, gradients, moments. */
export interface Vector {
  readonly length: number
  /** A copy of all values; or as many as `target` takes, from the place `from`. @throws RangeError on more than there are. */
  read(target?: Float32Array, from?: number): Promise<Float32Array>
  /** Replace all values. @throws RangeError on another length. */
  write(values: Float32Array): void
  dispose(): void
}

/** A pure tensor function and everything an engine must know to compile it. */
export type Definition = {
  /** For messages: `learn`, `act`, `adam`. */
  readonly name: string
  /** Resident vectors that the body reads, by name, each seen as the named tensors of its layout. */
  readonly reads: { readonly [vector: string]: Layout }
  /** What the host gives: `stages[0]` at the start, `stages[k]` in answer to the k-th yield. */
  readonly stages: readonly Signature[]
  /**
   * The function. Receives the resident tensors (`resident[vector][name]`) and the inputs of stage 0; yields outputs for
   * the host and receives the next stage's inputs; returns the last outputs. Must yield `stages.length - 1` times, must
   * not read a tensor's values, and must not keep or dispose tensors.
   */
  readonly body: (
    resident: { readonly [vector: string]: Tensors },
    inputs: Tensors,
  ) => Generator<Tensors, Tensors, Tensors>
  /**
   * Where given, the scalar that the body returns under `loss` is differentiated with respect to the tensors of the
   * vector `of`, and the gradient, in the same layout, is written to the vector `into`; tensors that the loss does not
   * depend on get zeros.
   */
  readonly gradient?: { readonly of: string; readonly into: string }
  /**
   * Vectors that are replaced by what the body returns under these names (each returned flat, [length]) instead of being
   * handed to the host. A vector may be read and written by one run: the body sees the old values.
   */
  readonly writes?: readonly string[]
}

/** A compiled definition. */
export interface Program {
  /**
   * Run once. `host(stage, outputs)` is called for stage 0 with no outputs, then after the k-th yield with what was
   * yielded; it answers with the inputs of that stage. The arrays it sees are valid until it returns; the arrays that
   * `run` resolves to are valid until the next run. `vectors` has every vector that the definition reads or writes.
   */
  run(vectors: { readonly [name: string]: Vector }, host: (stage: number, outputs: Arrays) => Arrays): Promise<Arrays>
  dispose(): void
}

/** Something that computes. */
export interface Engine {
  /** As chosen on the command line: `onnx`, `tensorflow`, `wasm`, `cpu`, ... */
  readonly name: string
  /** One phrase for people: library, version, device. */
  readonly description: string
  /** A resident vector of zeros. */
  vector(length: number): Vector
  /** @throws EngineError where the function cannot be compiled, naming the operation that is missing. */
  compile(definition: Definition): Program
  dispose(): void
}

/** An engine that cannot be had, or a function that an engine cannot compile; the message says what to do. */
export class EngineError extends UserError {
  override readonly name = 'EngineError'
}

/** The same engine, on which to use a thing after its `dispose`, or anything after the engine's, is one clear error. */
export function guarded(engine: Engine): Engine {
  let ended = false
  const refuse = (what: string): never => {
    throw new EngineError(`engine ${engine.name}: ${what} was disposed; make a new one`)
  }
  const check = (): void => void (ended && refuse('it'))
  const vector = (length: number): Vector => {
    check()
    const made = engine.vector(length)
    const dispose = made.dispose.bind(made)
    // the engine knows its own vectors again, so the guard is put on the vector itself
    return Object.assign(made, {
      dispose(): void {
        made.dispose = () => {}
        made.read = async () => refuse('a vector')
        made.write = () => refuse('a vector')
        dispose()
      },
    })
  }
  const compile = (definition: Definition): Program => {
    check()
    const program = engine.compile(definition)
    let gone = false
    return {
      async run(vectors, host) {
        if (gone || ended) refuse(gone ? `the program "${definition.name}"` : 'it')
        return program.run(vectors, host)
      },
      dispose() {
        if (!gone) program.dispose()
        gone = true
      },
    }
  }
  return {
    ...{ name: engine.name, description: engine.description, vector, compile },
    dispose() {
      if (!ended) engine.dispose()
      ended = true
    },
  }
}

/** What to say of a loss that no parameter has a part in. */
export const noGradient = (name: string): EngineError =>
  new EngineError(
    `"${name}": the loss depends on no parameter, so nothing can be learned; use the agent's outputs in it, and stop no gradient on the way`,
  )

/** The `count` values of a vector from the place `from`. @throws RangeError where it has not so many. */
export function cut(values: Float32Array, from: number, count: number): Float32Array {
  if (from < 0 || from + count > values.length)
    throw new RangeError(`${count} values from ${from} on asked of a vector of ${values.length}`)
  return values.subarray(from, from + count)
}
