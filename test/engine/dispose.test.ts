// A disposed thing is one clear error, on every engine that starts here.

import { square, type Tensor } from '@tensorflow/tfjs-core'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { EngineError } from '../../src/engine/engine.ts'
import { engines, selectEngine } from '../../src/engine/select.ts'

const definition = {
  name: 'square',
  reads: {},
  stages: [{ x: { shape: [2], dtype: 'float32' } }],
  *body(_: unknown, { x }: { readonly [name: string]: Tensor }) {
    yield* []
    return { y: square(x!) }
  },
} as const

const refused = async (act: () => unknown, what: RegExp): Promise<void> => {
  try {
    await act()
  } catch (error) {
    assert.instance(error, EngineError)
    assert.match((error as Error).message, what)
    return
  }
  assert.unreachable(`nothing was refused: ${what}`)
}

for (const { name, automatic } of engines.filter((engine) => engine.automatic || engine.name === 'cpu')) {
  const selected = await selectEngine(name).catch(() => undefined)
  if (!selected) {
    console.log(`SKIP ${name}: it does not start here`)
    continue
  }
  test(`${name}: a program, a vector and an engine that are disposed say so`, async () => {
    assert.ok(automatic || name === 'cpu')
    const { engine } = selected
    const [program, other, vector] = [engine.compile(definition), engine.compile(definition), engine.vector(3)]
    assert.equal([...(await program.run({}, () => ({ x: Float32Array.of(2, 3) }))).y!], [4, 9])
    program.dispose()
    program.dispose() // once more does nothing
    await refused(() => program.run({}, () => ({ x: new Float32Array(2) })), /the program "square" was disposed/)
    vector.dispose()
    await refused(() => vector.read(), /a vector was disposed/)
    await refused(() => vector.write(new Float32Array(3)), /a vector was disposed/)
    engine.dispose()
    await refused(() => other.run({}, () => ({ x: new Float32Array(2) })), /it was disposed/)
    await refused(() => engine.compile(definition), /it was disposed/)
    await refused(() => engine.vector(1), /it was disposed/)
  })
}

test.run()
