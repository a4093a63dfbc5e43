import { createServer } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'

import { createRemoteJWKSet, decodeJwt, jwtVerify } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { startIssuer, type Issuer } from '../../examples/oidc/issuer.ts'
import { frostgate } from './frostgate.ts'

let issuer: Issuer
beforeAll(async () => {
  issuer = await startIssuer({ port: 0 })
})
afterAll(() => issuer.close())

describe('frostgate token', () => {
  test('prints nothing but the token, so that a shell can take it', async () => {
    const { code, stdout, stderr } = await frostgate(
      ['token', '--group', 'a', '--group', 'b', '--subject', 'agent-7', '--expires-in', '15m'],
      { FROSTGATE_ISSUER: issuer.url },
    )
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    expect(stdout).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+\n$/)
    const jwks = createRemoteJWKSet(new URL(`${issuer.url}/jwks`))
    const { payload } = await jwtVerify(stdout.trim(), jwks, {
      issuer: issuer.url,
      audience: 'frostgate',
    })
    expect(payload).toMatchObject({ sub: 'agent-7', groups: ['a', 'b'] })
    expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(900)
  })

  test('--json shows the claims beside the token', async () => {
    const words = ['token', '--group', 'a', '--issuer', issuer.url, '--audience', 'x', '--json']
    const { stdout } = await frostgate(words)
    const { token, claims } = JSON.parse(stdout) as { token: string; claims: unknown }
    expect(claims).toEqual(decodeJwt(token))
    expect(claims).toMatchObject({ sub: 'agent', aud: 'x' })
  })

  test('a negative duration gives a token that has expired', async () => {
    const words = ['token', '--group', 'a', '--issuer', issuer.url, '--expires-in=-1m']
    const { exp } = decodeJwt((await frostgate(words)).stdout)
    expect(exp).toBeLessThan(Date.now() / 1000)
  })

  test('without a local issuer it says how to start one', async () => {
    const { code, stdout, stderr } = await frostgate(['token', '--group', 'a'], {
      FROSTGATE_ISSUER: 'http://127.0.0.1:9',
    })
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain('frostgate up examples/quickstart')
  })

  test.each([
    'https://login.example.com',
    'http://10.0.0.1:8086',
    'http://localhost.evil.test',
    'nonsense',
  ])('an issuer elsewhere is not asked: %s', async (url) => {
    const { code, stderr } = await frostgate(['token', '--group', 'a', '--issuer', url])
    expect(code).toBe(2)
    expect(stderr).toContain('is not the address of a local issuer')
  })

  test('what the issuer refuses is exit code 1 with its reason', async () => {
    const words = ['token', '--group', 'a', '--subject', '', '--issuer', issuer.url]
    const { code, stderr } = await frostgate(words)
    expect(code).toBe(1)
    expect(stderr).toContain('needs a subject')
  })

  test.each(['<html>', '{"access_token":"$(reboot)"}', '{"access_token":7}', '[]', 'null'])(
    'another server in its place is found out by its answer: %s',
    async (answer) => {
      const server = createServer((_request, response) => response.end(answer))
      server.listen(0, '127.0.0.1')
      await once(server, 'listening')
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
      const { code, stdout, stderr } = await frostgate(['token', '--group', 'a', '--issuer', url])
      server.close()
      expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
      expect(stderr).toContain('is not the example issuer')
    },
  )
})
