// What a command says first where an installer left the fast engine out.

import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { type Machine, missingLine } from '../../scripts/commands/missing.ts'

const line = (machine: Partial<Machine>): string => {
  const usual: Machine = {
    ...{ platform: 'linux', arch: 'x64', musl: false, installer: 'npm/10.9.9 node/v20', clone: false },
    has: () => false,
  }
  const said = missingLine({ ...usual, ...machine }) ?? ''
  assert.ok(said.length <= 100, `${said.length} characters: ${said}`)
  return said
}

test('where nothing is missing, nothing is said', () => {
  assert.is(line({ has: () => true }), '')
})

test('the line names the one command that brings what is missing, for whoever installed', () => {
  const begin = 'slow: the fast engine is missing;'
  const both = 'onnxruntime-node@1.30.0 koffi@3.3.4'
  assert.is(line({ has: (name) => name === 'koffi' }), `${begin} npm add -O --ignore-scripts onnxruntime-node@1.30.0`)
  assert.is(
    line({ has: (name) => name !== 'koffi' }),
    `slow: koffi is missing; npm add -O --ignore-scripts koffi@3.3.4`,
  )
  assert.is(line({ installer: '' }), `${begin} npm add -O --ignore-scripts ${both}`)
  assert.is(line({ installer: 'pnpm/9.15.0 npm/? node/v20' }), `${begin} pnpm add -O --ignore-scripts ${both}`)
  assert.is(line({ installer: 'yarn/1.22.22 npm/?' }), `${begin} yarn add -O --ignore-scripts ${both}`)
  assert.is(line({ installer: 'yarn/4.9.1 npm/?' }), `${begin} yarn add -O --mode=skip-build ${both}`)
  assert.is(line({ clone: true }), `${begin} npm ci`)
})

test('a remedy that would not help is not given', () => {
  assert.match(line({ musl: true, has: () => true }), /no build for musl; use an image with glibc/)
  assert.is(line({ platform: 'freebsd' }), '')
  assert.is(line({ arch: 'riscv64' }), '')
})

test.run()
