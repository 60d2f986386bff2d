// Numbers of 16 bits: every one of them there and back, and the roundings that go wrong.

import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { fromFloat16, toFloat16 } from '../../src/core/float16.ts'

const rounded = (value: number): number => fromFloat16(toFloat16(Float32Array.of(value)))[0]!

test('every bit pattern that is a number comes back as it was', () => {
  const all = Uint16Array.from({ length: 65_536 }, (_, bits) => bits)
  const back = toFloat16(fromFloat16(all))
  const changed = all.filter((bits, i) => back[i] !== bits && !Number.isNaN(fromFloat16(Uint16Array.of(bits))[0]!))
  assert.equal([...changed], [])
})

test('known numbers have their known patterns', () => {
  const known = { 1: 0x3c00, '-2': 0xc000, 65504: 0x7bff, 0.333251953125: 0x3555 }
  for (const [value, bits] of Object.entries(known)) {
    assert.is(toFloat16(Float32Array.of(Number(value)))[0], bits, value)
    assert.is(fromFloat16(Uint16Array.of(bits))[0], Number(value))
  }
  assert.ok(Object.is(rounded(-0), -0))
  assert.is(rounded(Number.NEGATIVE_INFINITY), Number.NEGATIVE_INFINITY)
  assert.ok(Number.isNaN(rounded(Number.NaN)))
})

test('what lies between two is rounded to the nearest, in the middle to the even one', () => {
  // beside 1 they are 2^-10 apart
  assert.is(rounded(1 + 2 ** -11), 1)
  assert.is(rounded(1 + 3 * 2 ** -11), 1 + 2 ** -9)
  assert.is(rounded(1 + 2 ** -11 + 2 ** -20), 1 + 2 ** -10)
  // the smallest is 2^-24
  assert.is(rounded(2 ** -25), 0)
  assert.is(rounded(3 * 2 ** -25), 2 ** -23)
  assert.is(rounded(2 ** -14 - 2 ** -25), 2 ** -14)
  // the largest is 65,504
  assert.is(rounded(65_519), 65_504)
  assert.is(rounded(65_520), Number.POSITIVE_INFINITY)
})

test.run()
