import { describe, expect, test } from 'vitest'

import { logIn, settingName, type UpstreamLogin } from '../../../sidecar/upstream/login.ts'
import type { LoginSigner } from '../../../sidecar/upstream/login-signer.ts'
import type { Transport } from '../../../sidecar/upstream/transport.ts'

const login: UpstreamLogin = {
  connection: 'c', account: 'A', user: 'U', role: 'R', warehouse: 'W', database: null, schema: null,
  parameters: {}, queryTag: '{}', client: { name: 'JDBC', version: '4.4.0', resultFormat: 'json' },
} // prettier-ignore
const signer: LoginSigner = {
  sign: () => Promise.resolve({ authenticator: 'SNOWFLAKE_JWT', token: 't' }),
}

function answering(data: object, development: boolean): Transport {
  return {
    url: 'http://x',
    development,
    send: () => Promise.resolve({ success: true, code: '', message: '', data: data as never }),
    close: () => Promise.resolve(),
  }
}

describe('a login is taken for that of a stand-in', () => {
  test.each([
    ['on loopback, without a master token', { token: 't' }, true, true],
    ['not elsewhere', { token: 't' }, false, false],
    ['not with one', { token: 't', masterToken: 'm' }, true, false],
  ])('%s', async (_what, data, development, thin) => {
    expect(await logIn(answering(data, development), signer, login)).toMatchObject({ thin })
  })
})

test.each([
  [{ validityInSeconds: 600 }, 600],
  [{}, 3_600],
  [{ validityInSeconds: '600' }, 3_600],
  [{ validityInSeconds: -1 }, 3_600],
])('%j: the token is good for %i s', async (data, validity) => {
  const transport = answering({ token: 't', masterToken: 'm', ...data }, false)
  expect(await logIn(transport, signer, login)).toMatchObject({ validity })
})

test('a login without a token is none', async () => {
  await expect(logIn(answering({ masterToken: 'm' }, true), signer, login)).rejects.toMatchObject({
    entry: 'UpstreamLoginFailed',
  })
})

test.each([
  ['PLAIN_1$', 'PLAIN_1$'],
  ['lower', '"lower"'],
  ['a"b', '"a""b"'],
  ['', '""'],
])('%j is told as %j', (name, setting) => {
  expect(settingName(name)).toBe(setting)
})
