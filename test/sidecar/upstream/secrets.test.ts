import fc from 'fast-check'
import { describe, expect, test } from 'vitest'

import { readEnvelope } from '../../../sidecar/upstream/envelope.ts'
import { secretsOf, withoutSecrets } from '../../../sidecar/upstream/secrets.ts'

const token = 'ver:3-hint:1234-ETMsDgAAAYx/uT+RABRBRVMvQ0JDL1BLQ1M1UGFkZGluZw=='

describe('what a request carried', () => {
  test('are its session token, the token it renews, and a credential of a login', () => {
    const login = { data: { TOKEN: 'eyJhbGciOiJSUzI1NiJ9.e30.c2ln', LOGIN_NAME: 'U'.repeat(40) } }
    expect(secretsOf({ body: login })).toEqual([login.data.TOKEN])
    expect(secretsOf({ token, body: { oldSessionToken: `${token}-old` } })).toEqual([
      token,
      `${token}-old`,
    ])
    expect(secretsOf({ token: 'short', body: null })).toEqual([])
  })

  test('is in no text of the answer, however JSON writes it', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 3 }), fc.string(), fc.string(), (other, left, right) => {
        const said = `${left}${token}${right}`
        const value = { message: said, data: { other, names: [said], [said]: 1 } }
        for (const text of [JSON.stringify(value), JSON.stringify(value).replaceAll('/', '\\/')])
          expect(JSON.stringify(withoutSecrets(JSON.parse(text), text, [token]))).not.toContain(
            token,
          )
      }),
    )
  })

  test('changes nothing of what does not hold all of it', () => {
    const value = { message: token.slice(0, -1), data: { token: `${token.slice(0, 20)}-new` } }
    expect(withoutSecrets(value, JSON.stringify(value), [token])).toEqual(value)
  })

  test('is gone before the envelope is read', () => {
    const text = JSON.stringify({ success: false, code: '390144', message: `rejected ${token}` })
    const answered = { kind: 'login', development: false, secrets: [token] } as const
    expect(readEnvelope(200, text, answered).message).toBe('rejected …')
  })
})
