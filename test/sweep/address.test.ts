import { chmodSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'uvu'
import * as assert from 'uvu/assert'
import { placeOf, readAddress } from '../../src/sweep/address.ts'
import { refused, temporary } from './support.ts'

test('an address has a host, and what is left out is the custom', () => {
  const expected = { host: 'example', port: 6379, database: 0, tls: false, username: undefined, password: undefined }
  assert.equal(readAddress('redis://example', undefined, {}), expected)
  assert.equal(readAddress('rediss://[::1]:7000/2', undefined, {}), {
    ...expected,
    host: '::1',
    port: 7000,
    database: 2,
    tls: true,
  })
  assert.is(
    placeOf(readAddress('redis://example:7000', undefined, { SACCADE_REDIS_PASSWORD: 'secret' })),
    'example:7000',
  )
})

test('credentials come from the environment or from a file that only its owner reads', () => {
  const environment = { SACCADE_REDIS_USERNAME: 'me', SACCADE_REDIS_PASSWORD: 'secret' }
  const { username, password } = readAddress('redis://example', undefined, environment)
  assert.equal([username, password], ['me', 'secret'])
  const file = join(temporary(), 'credentials.yaml')
  writeFileSync(file, 'password: other\n', { mode: 0o600 })
  assert.is(readAddress('redis://example', file, environment).password, 'other')
  chmodSync(file, 0o644)
  refused(() => readAddress('redis://example', file, {}), /everybody can read it; chmod 600/)
})

test('an address that holds a password is refused without being repeated, and so is a bad file', () => {
  const refusedSilently = (act: () => unknown, message: RegExp): void => {
    refused(act, message)
    assert.throws(act, (error: Error) => !error.message.includes('secret'))
  }
  refusedSilently(
    () => readAddress('redis://me:secret@example', undefined, {}),
    /leave name and password out of the address/,
  )
  refusedSilently(() => readAddress('redis:secret @example:x', undefined, {}), /not an address|expected redis:/)
  refused(() => readAddress('http://example', undefined, {}), /http:\/\/example given; expected redis:\/\/HOST:PORT/)
  refused(() => readAddress('redis://example/x', undefined, {}), /expected redis:/)
  const file = join(temporary(), 'credentials.yaml')
  writeFileSync(file, 'pasword: secret\n', { mode: 0o600 })
  refusedSilently(() => readAddress('redis://example', file, {}), /expected "username" \(optional\) and "password"/)
  writeFileSync(file, 'password: [secret\n', { mode: 0o600 })
  refusedSilently(() => readAddress('redis://example', file, {}), /not YAML/)
  refused(() => readAddress('redis://example', '/nowhere', {}), /cannot read \/nowhere: no such file or directory/)
})

test.run()
