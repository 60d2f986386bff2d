import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { z } from 'zod'
import { z as z3 } from 'zod/v3'
import { registerAgent } from '../../src/agent/registry.ts'
import { registerAlgorithm } from '../../src/algorithms/registry.ts'
import { describeOptions, nearest, parseOptions } from '../../src/core/options.ts'
import { registerEnvironment } from '../../src/env/registry.ts'

const schema = z.strictObject({
  std: z.number().positive().max(2).default(0.1).describe('in location units'),
  core: z.enum(['rnn', 'lstm']).default('rnn').describe('which core'),
  epochs: z.int().min(1).default(5).describe('passes'),
  stop: z.boolean().default(false).describe('whether'),
  limit: z.int().min(1).optional().describe('at most'),
})

test('unset options take their defaults', () => {
  assert.equal(parseOptions(schema, { core: 'lstm' }, 'agent'), { std: 0.1, core: 'lstm', epochs: 5, stop: false })
})

test('every offending option is named in one line with what was given', () => {
  try {
    parseOptions(schema, { sdt: 0.2, epochs: 0 }, 'agent')
    assert.unreachable()
  } catch (error) {
    const { message } = error as Error
    assert.match(message, 'unknown option "sdt"; did you mean "std"?')
    assert.match(message, /epochs: 0 given; .*>=\s?1/)
    assert.not.match(message, '\n')
  }
})

test('options are described with type, default, choices and chosen bounds', () => {
  assert.equal(describeOptions(schema), [
    { name: 'std', type: 'number', description: 'in location units', default: 0.1, minimum: 0, maximum: 2 },
    { name: 'core', type: 'string', description: 'which core', default: 'rnn', choices: ['rnn', 'lstm'] },
    { name: 'epochs', type: 'integer', description: 'passes', default: 5, minimum: 1 },
    { name: 'stop', type: 'boolean', description: 'whether', default: false },
    { name: 'limit', type: 'integer', description: 'at most', minimum: 1 },
  ])
})

test('what is no object schema of zod 4 is refused wherever options come in, with what to do', () => {
  const wrong: Readonly<Record<string, unknown>> = {
    'options are a schema of zod 3;': z3.object({ std: z3.number() }),
    "options are zod 4's string;": z.string(),
    "options are zod 5's object;": { _zod: { def: { type: 'object' }, version: { major: 5 } } },
    'options are no schema (undefined);': undefined,
  }
  for (const [found, given] of Object.entries(wrong)) {
    const options = given as typeof schema
    const definition = { description: '', options, create: () => ({}) as never }
    const uses = {
      'agent mine: ': () => registerAgent({ name: 'mine', ...definition }),
      'algorithm mine: ': () => registerAlgorithm({ name: 'mine', ...definition }),
      'environment Mine: ': () => registerEnvironment({ id: 'Mine', ...definition }),
      'sweep: ': () => parseOptions(options, {}, 'sweep'),
      '': () => describeOptions(options),
    }
    for (const [owner, use] of Object.entries(uses))
      assert.throws(use, (error: Error) => {
        assert.is(error.name, 'UserError')
        assert.ok(error.message.includes(`${owner}${found}`), error.message)
        return error.message.includes("import { z } from 'saccade'")
      })
  }
})

test('a swap of neighbours is one edit, and nothing is suggested for what is far from all', () => {
  assert.is(nearest('onxn', ['onnx', 'wasm']), 'onnx')
  assert.is(nearest('tensroflow', ['onnx', 'tensorflow']), 'tensorflow')
  assert.is(nearest('zebra', ['onnx', 'wasm', 'cpu']), undefined)
})

test.run()
