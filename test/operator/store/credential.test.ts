import { describe, expect, test } from 'vitest'
import { readCredential } from '../../../operator/store/credential.ts'
import { readKeyPair } from '../../../operator/store/key-pair.ts'
import { formatProblem } from '../../../operator/store/problem.ts'
import { connection, secret, snapshotOf } from '../compile/objects.ts'

const token = { programmaticAccessToken: { secretRef: { name: 'pat' } } }

function readWith(read: typeof readCredential | typeof readKeyPair, ...objects: readonly object[]) {
  const snapshot = snapshotOf(...objects)
  const [located] = snapshot.objects.connections
  if (located === undefined) throw new Error('malformed')
  const result = read(snapshot.objects, located.object)
  return 'problem' in result ? formatProblem(result.problem) : result
}

describe('What a connection logs in with', () => {
  test('is a programmatic access token, without the line break of the file that it came from', () => {
    const value = 'a'.repeat(60)
    const objects = [
      connection('acme', { credential: token }),
      secret('pat', { token: `${value}\n` }),
    ]
    expect(readWith(readCredential, ...objects)).toEqual({
      credential: { kind: 'programmaticAccessToken', token: value },
    })
  })

  test('is a token that the operator mints, for which there is no Secret', () => {
    const identity = connection('acme', { credential: { workloadIdentity: {} } })
    expect(readWith(readCredential, identity)).toEqual({
      credential: {
        kind: 'workloadIdentity',
        serviceAccount: 'frostgate-acme',
        audience: 'snowflakecomputing.com',
      },
    })
  })

  test.each([
    [
      [],
      'SnowflakeConnection frostgate/acme spec.credential.programmaticAccessToken.secretRef.name: there is no Secret "pat" in namespace "frostgate". Add it, with the programmatic access token under "token".',
    ],
    [
      [secret('pat', { other: 'x' })],
      'Secret frostgate/pat token: is missing. Put there what ALTER USER … ADD PROGRAMMATIC ACCESS TOKEN printed as token_secret.',
    ],
    [
      [secret('pat', { token: 'secret words' })],
      'Secret frostgate/pat token: does not have the form of an access token. Put there what ALTER USER … ADD PROGRAMMATIC ACCESS TOKEN printed as token_secret.',
    ],
  ])('is told to be missing or wrong, without being shown', (secrets, problem) => {
    const objects = [connection('acme', { credential: token }), ...secrets]
    expect(readWith(readCredential, ...objects)).toBe(problem)
  })

  test('can be a key pair only where there is no operator', () => {
    expect(readWith(readKeyPair, connection('acme', { credential: token }))).toBe(
      'SnowflakeConnection frostgate/acme spec.credential.programmaticAccessToken: is of use to the operator of a cluster only. Use keyPair here.',
    )
  })
})
