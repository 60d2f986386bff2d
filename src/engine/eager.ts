// Engines that compute as they go: any tfjs backend that can be read synchronously. A body runs inside one `tf.tidy`,
// under the gradient tape where a gradient is wanted, and drives the host in its middle. Nothing is recorded.

import * as tf from '@tensorflow/tfjs-core'
import type { Arrays, Definition, Engine, Layout, Program, Signature, Tensors, Vector } from './engine.ts'
import { cut, EngineError, lengthOf, noGradient, sizeOf } from './engine.ts'

/** An engine on a registered tfjs backend. @throws EngineError where the backend does not start. */
export async function createEagerEngine(name: string, backend: string, description: string): Promise<Engine> {
  if (!(await tf.setBackend(backend).catch(() => false)))
    throw new EngineError(`engine ${name}: the tfjs backend "${backend}" did not start here; choose another --engine`)
  const vectors = new Set<EagerVector>()
  return {
    name,
    description,
    vector: (length) => {
      useBackend(backend)
      const vector = new EagerVector(length)
      vectors.add(vector)
      return vector
    },
    compile: (definition) => new EagerProgram(definition, backend),
    dispose: () => {
      for (const vector of vectors) vector.dispose()
    },
  }
}

/** A vector that is one tensor of the backend. */
class EagerVector implements Vector {
  readonly length: number
  tensor: tf.Tensor1D

  constructor(length: number) {
    this.length = length
    this.tensor = tf.keep(tf.zeros([length]))
  }

  async read(target = new Float32Array(this.length), from = 0): Promise<Float32Array> {
    target.set(cut(await this.tensor.data<'float32'>(), from, target.length))
    return target
  }

  write(values: Float32Array): void {
    if (values.length !== this.length)
      throw new RangeError(`vector of ${this.length} numbers: ${values.length} given; give exactly ${this.length}`)
    // a copy, for some backends keep the array that they are given
    this.replace(tf.tensor1d(values.slice()))
  }

  /** Take over a tensor in place of the old one. */
  replace(tensor: tf.Tensor1D): void {
    this.tensor.dispose()
    this.tensor = tf.keep(tensor)
  }

  dispose(): void {
    this.tensor.dispose()
  }
}

class EagerProgram implements Program {
  private readonly definition: Definition
  private readonly backend: string

  constructor(definition: Definition, backend: string) {
    this.definition = definition
    this.backend = backend
  }

  async run(
    vectors: { readonly [name: string]: Vector },
    host: (stage: number, outputs: Arrays) => Arrays,
  ): Promise<Arrays> {
    const { reads, gradient, writes = [] } = this.definition
    // tfjs-core alone registers no gradients outside a bundler; tfjs-layers brings them all, and much that looking needs not
    if (gradient) await import('@tensorflow/tfjs-layers')
    useBackend(this.backend)
    const own = (name: string): EagerVector => vectors[name] as EagerVector
    let results: Arrays = {}
    tf.tidy(() => {
      const resident = Object.fromEntries(
        Object.entries(reads).map(([name, layout]) => [name, divide(own(name).tensor, layout)]),
      )
      const body = (): tf.Scalar => {
        const last = this.drive(resident, host)
        for (const name of writes) own(name).replace(tf.reshape(last[name]!, [-1]))
        results = readAll(Object.fromEntries(Object.entries(last).filter(([name]) => !writes.includes(name))))
        return last.loss as tf.Scalar
      }
      if (!gradient) {
        body()
        return
      }
      const layout = reads[gradient.of]!
      const tensors = layout.map(({ name }) => resident[gradient.of]![name]!)
      // not tf.valueAndGrads: that refuses a loss which some parameter has no part in
      const { grads } = tf.engine().gradients(body, tensors, undefined, true)
      if (grads.every((grad) => grad === null || grad === undefined)) throw noGradient(this.definition.name)
      const flat = layout.map(({ shape }, i) => tf.reshape(grads[i] ?? tf.zeros([...shape]), [sizeOf(shape)]))
      own(gradient.into).replace(tf.concat1d(flat as tf.Tensor1D[]))
    })
    return results
  }

  /** Run the body to its end, stage by stage. */
  private drive(
    resident: { readonly [vector: string]: Tensors },
    host: (stage: number, outputs: Arrays) => Arrays,
  ): Tensors {
    const { stages, body, name } = this.definition
    const generator = body(resident, upload(stages[0]!, host(0, {}), name))
    let next = generator.next()
    for (let stage = 1; !next.done; stage++) {
      const signature = stages[stage]
      if (!signature)
        throw new EngineError(`${name}: the body yields more often than its ${stages.length} stages allow`)
      next = generator.next(upload(signature, host(stage, readAll(next.value)), name))
    }
    return next.value
  }

  dispose(): void {}
}

/** Flat vector -> the named tensors of its layout. */
function divide(vector: tf.Tensor1D, layout: Layout): Tensors {
  const parts =
    layout.length > 1
      ? tf.split(
          vector,
          layout.map(({ shape }) => sizeOf(shape)),
        )
      : [vector]
  if (lengthOf(layout) !== vector.size)
    throw new EngineError(`a vector of ${vector.size} numbers was given where the layout has ${lengthOf(layout)}`)
  return Object.fromEntries(layout.map(({ name, shape }, i) => [name, tf.reshape(parts[i]!, [...shape])]))
}

/** Arrays -> tensors, of copies: the host may use its arrays again, and some backends keep what they are given. */
function upload(signature: Signature, arrays: Arrays, owner: string): Tensors {
  return Object.fromEntries(
    Object.entries(signature).map(([name, { shape, dtype }]) => {
      const values = arrays[name]
      if (!values || values.length !== sizeOf(shape))
        throw new EngineError(
          `${owner}: input "${name}" has ${values?.length ?? 'no'} numbers; expected [${shape}], ${sizeOf(shape)} numbers`,
        )
      return [name, tf.tensor(values.slice(), [...shape], dtype)]
    }),
  )
}

/** Tensors -> arrays. */
function readAll(tensors: Tensors): Arrays {
  return Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name, tensor.dataSync() as Float32Array]))
}

function useBackend(name: string): void {
  if (tf.getBackend() !== name) void tf.setBackend(name)
}
