// Runs one tensor function on the traced engine and, eagerly, on tfjs's cpu backend.

import '@tensorflow/tfjs-backend-cpu'
import { setBackend, type Tensor, tensor, tidy } from '@tensorflow/tfjs-core'
import * as assert from 'uvu/assert'
import {
  type Arrays,
  type Definition,
  type DType,
  type Engine,
  type Signature,
  sizeOf,
} from '../../src/engine/engine.ts'
import { createOnnxEngine } from '../../src/engine/onnx/index.ts'
import './onnx-required.ts'

await setBackend('cpu')
export const engine: Engine = await createOnnxEngine()

export type Given = { shape: readonly number[]; values: Float32Array | Int32Array }

/** Repeatable numbers in (-2, 2), none of them near a whole number or a half. */
export function floats(shape: readonly number[], seed = 1): Given {
  let state = seed * 7919
  const values = Float32Array.from({ length: sizeOf(shape) }, () => {
    state = (state * 16807 + 11) % 2147483647
    const number = (state / 2147483647) * 4 - 2
    return Math.abs(number * 2 - Math.round(number * 2)) < 0.02 ? number + 0.1 : number
  })
  return { shape, values }
}

export const map = ({ shape, values }: Given, f: (x: number) => number): Given => ({
  shape,
  values: (values as Float32Array).map(f),
})

/** Whole numbers from 0 to below. */
export function integers(shape: readonly number[], below: number, seed = 1): Given {
  const values = Int32Array.from(floats(shape, seed).values, (x) => Math.floor(((x + 2) / 4) * below) % below)
  return { shape, values }
}

export const given = (shape: readonly number[], values: readonly number[]): Given => ({
  shape,
  values: Float32Array.from(values),
})

const dtypeOf = ({ values }: Given): DType => (values instanceof Float32Array ? 'float32' : 'int32')

/** A definition of one stage without vectors whose inputs are named x0, x1, ... */
export function definitionOf(
  name: string,
  compute: (...inputs: never[]) => Tensor | Tensor[],
  inputs: readonly Given[],
): Definition {
  const signature: Signature = Object.fromEntries(
    inputs.map((input, i) => [`x${i}`, { shape: input.shape, dtype: dtypeOf(input) }]),
  )
  return {
    name,
    reads: {},
    stages: [signature],
    *body(_, tensors) {
      const results = [compute(...(Object.values(tensors) as never[]))].flat()
      return Object.fromEntries(results.map((result, i) => [`y${i}`, result]))
    },
  }
}

/** What the traced engine makes of it. */
export async function traced(
  name: string,
  compute: (...inputs: never[]) => Tensor | Tensor[],
  inputs: readonly Given[],
): Promise<Arrays> {
  const program = engine.compile(definitionOf(name, compute, inputs))
  try {
    return await program.run({}, () => Object.fromEntries(inputs.map(({ values }, i) => [`x${i}`, values])))
  } finally {
    program.dispose()
  }
}

/** What tfjs's cpu backend makes of it. */
export function eager(compute: (...inputs: never[]) => Tensor | Tensor[], inputs: readonly Given[]): number[][] {
  const results: number[][] = []
  tidy(() => {
    const tensors = inputs.map((input) => tensor(input.values, [...input.shape], dtypeOf(input)))
    for (const result of [compute(...(tensors as never[]))].flat()) results.push(Array.from(result.dataSync()))
  })
  return results
}

export function near(actual: ArrayLike<number>, expected: ArrayLike<number>, title: string, tolerance = 2e-5): void {
  assert.is(actual.length, expected.length, `${title}: length`)
  for (let i = 0; i < expected.length; i++) {
    const [got, want] = [actual[i]!, expected[i]!]
    const close = Object.is(got, want) || got === want || Math.abs(got - want) <= tolerance * (1 + Math.abs(want))
    assert.ok(close, `${title}: element ${i} is ${got}, expected ${want}`)
  }
}

/** Both engines, compared. */
export async function agree(
  title: string,
  compute: (...inputs: never[]) => Tensor | Tensor[],
  inputs: readonly Given[],
  tolerance?: number,
): Promise<void> {
  const actual = await traced(title, compute, inputs)
  const expected = eager(compute, inputs)
  assert.is(Object.keys(actual).length, expected.length)
  for (const [i, want] of expected.entries()) near(actual[`y${i}`]!, want, `${title} (output ${i})`, tolerance)
}
