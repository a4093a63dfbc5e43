import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Bundle } from '../../../sidecar/control/bundle.ts'
import { sealBundle } from '../../../sidecar/control/digest.ts'
import { BundleInvalid, loadBundle, parseBundle } from '../../../sidecar/control/load.ts'
import { testAuthority } from '../../support/broker/certificates.ts'
import { noLimits } from '../../support/limits.ts'

const provider = {
  name: 'okta',
  issuer: 'https://acme.okta.example',
  audiences: ['frostgate'],
  groupsClaim: 'groups',
  algorithms: ['RS256'],
  jwks: null,
  podBound: false,
}
const column = { database: 'A', schema: null, name: 'C', column: 'D' }
const subject = { provider: 'okta', groups: ['ai'], subjects: undefined, claims: undefined }

const bundle = sealBundle({
  apiVersion: 'frostgate.dev/v1alpha1',
  connection: {
    name: 'acme',
    namespace: 'frostgate',
    account: 'ACME',
    url: 'https://acme.snowflakecomputing.com',
    user: 'FROSTGATE',
    role: 'READER',
    warehouse: 'WH',
    credential: { kind: 'keyPair', secretName: 'acme-key' },
    trust: null,
    identityProviders: [provider],
    maxSessionAge: 28_800,
    maxStale: 600,
    catalogMaxAge: 60,
    canaries: [],
  },
  policies: [
    {
      name: 'agents',
      namespace: 'frostgate',
      mode: 'Enforce',
      subjects: [subject],
      session: {
        role: undefined,
        warehouse: undefined,
        statementTimeoutSeconds: undefined,
        warehouses: [],
        parameters: {},
      },
      rules: [
        {
          name: 'never',
          action: 'Deny',
          statements: ['Drop'],
          objects: [{ database: null, schema: null, name: null }],
          columns: [],
          functions: [],
          stages: [],
          when: undefined,
          approval: undefined,
          message: undefined,
        },
      ],
      limits: { ...noLimits, rowsPerStatement: 10 },
      recording: 'Full',
    },
  ],
  masks: [
    {
      name: 'ssn',
      namespace: 'frostgate',
      columns: [column],
      tags: [],
      subjects: [],
      exceptFor: [{ ...subject, groups: undefined, claims: { repository: 'acme/etl' } }],
      method: { kind: 'partial', keepFirst: 0, keepLast: 4 },
      usage: 'Strict',
    },
  ],
})

/** The bundle with one text of its JSON replaced, and a digest that fits again. */
function resealed(from: string, to: string): string {
  const json = JSON.stringify(bundle)
  if (!json.includes(from)) throw new Error(`the bundle has no ${from}`)
  const changed = JSON.parse(json.replace(from, to)) as Bundle
  return JSON.stringify(sealBundle({ ...changed, digest: undefined } as Omit<Bundle, 'digest'>))
}

describe('A bundle file', () => {
  test('is read with what it leaves out as undefined', () => {
    expect(parseBundle(JSON.stringify(bundle), 'b')).toEqual(bundle)
  })

  test('that was changed is refused, naming both digests', () => {
    const text = JSON.stringify(bundle).replace('"Strict"', '"AtRead"')
    expect(() => parseBundle(text, 'b.json')).toThrow(
      /^Bundle b\.json cannot be used: its digest is sha256:\w{64}, but its content has sha256:\w{64}\. Compile it again/,
    )
  })

  test.each([
    ['"Enforce"', '"Off"', 'policies[0].mode must be one of Enforce, Observe'],
    ['"Deny"', '"RequireApproval"', 'policies[0].rules[0].approval must be there for Require'],
    ['"Deny"', '"Permit"', 'policies[0].rules[0].action must be one of Allow, Deny, Req'],
    [
      '"stages":[]',
      '"stages":[],"approval":{"approvers":["dba"],"count":1,"expiresAfter":900}',
      'policies[0].rules[0].approval must be there for RequireApproval, and for no other',
    ],
    ['"columns":[],', '', 'policies[0].rules[0].columns must be a list'],
    ['"columns":[]', '"columns":[],"when":"x"', 'policies[0].rules[0].when must be a condition'],
    ['"columns":[]', '"columns":[],"zone":"x"', 'policies[0].rules[0].zone must be left out'],
    [
      '"kind":"partial","keepFirst":0,"keepLast":4',
      '"kind":"regex","pattern":"(a+)+","replacement":"","unmatched":"Keep"',
      'masks[0].method.pattern must be a pattern that all engines read the same way',
    ],
    [
      '"kind":"partial","keepFirst":0,"keepLast":4',
      '"kind":"hash","key":{"kind":"inline","text":"x"}',
      'masks[0].method.key.kind must be one of function, inStatement',
    ],
    ['"catalogMaxAge":60', '"catalogMaxAge":3601', 'connection.catalogMaxAge must be a whole'],
    ['"parameters":{}', '"parameters":{"A":[]}', 'parameters["A"] must be a string, a number'],
    ['"keepLast":4', '"keepLast":9', 'masks[0].method.keepLast must be a whole number'],
    ['"partial"', '"reverse"', 'masks[0].method.kind must be one of redact, null, partial'],
    ['"partial"', '"constructor"', 'masks[0].method.kind must be one of'],
    ['"RS256"', '"HS256"', 'identityProviders[0].algorithms[0] must be one of'],
    ['"RS256"', '', 'identityProviders[0].algorithms must be a list that is not empty'],
    ['https://acme.snow', 'http://acme.snow', 'connection.url must be an https URL'],
    ['https://acme.okta', 'http://acme.okta', 'identityProviders[0].issuer must be an https URL'],
    ['"jwks":null', '"jwks":{"keys":[]}', 'jwks.keys must be a list that is not empty'],
    ['"jwks":null', '"jwks":{"keys":[{"kty":"oct","k":"x"}]}', 'jwks.keys[0] must be a public'],
    ['"jwks":null', '"jwks":{"keys":[{"kty":"EC","d":"x"}]}', 'jwks.keys[0] must be a public'],
    ['"podBound":false', '"podBound":"no"', 'identityProviders[0].podBound must be true or false'],
    ['"maxStale":600', '"maxStale":86401', 'connection.maxStale must be a whole number'],
    ['"trust":null', '"trust":"x"', 'connection.trust must be certificates in PEM'],
    [
      '"trust":null',
      '"trust":"-----BEGIN CERTIFICATE-----\\nAAAA\\n-----END CERTIFICATE-----"',
      'connection.trust must be certificates in PEM',
    ],
    ['"kind":"keyPair"', '"kind":"password"', 'credential.kind must be one of keyPair, program'],
    [
      '"kind":"keyPair"',
      '"kind":"workloadIdentity"',
      'connection.credential.secretName must be left',
    ],
    ['"READER"', '""', 'connection.role must be a string that is not empty'],
    ['"acme/etl"', '1', 'masks[0].exceptFor[0].claims["repository"] must be a string'],
    ['[{"provider":"okta","groups":["ai"]}]', '[]', 'policies[0].subjects must be a list that is'],
    ['"groups":["ai"]', '"groups":[]', 'policies[0].subjects[0].groups must be a list that is'],
    ['v1alpha1', 'v2', 'apiVersion must be one of frostgate.dev/v1alpha1'],
  ])('with %s as %s is refused at the field', (from, to, message) => {
    expect(() => parseBundle(resealed(from, to), 'b')).toThrow(message)
  })

  test('may bring certificates, keys of an issuer, and no claim for groups', async () => {
    const { pem } = await testAuthority('warehouse')
    const [spec] = bundle.connection.identityProviders
    const keys = [{ kty: 'EC', crv: 'P-256', x: 'x', y: 'y', x5c: ['a'] }]
    const full = sealBundle({
      ...bundle,
      connection: {
        ...bundle.connection,
        trust: `${pem}\n${pem}\n`,
        credential: { kind: 'workloadIdentity', serviceAccount: 'sa', audience: 'snowflake' },
        identityProviders: [
          { ...(spec ?? provider), groupsClaim: '', jwks: { keys }, podBound: true },
        ],
      },
    })
    expect(parseBundle(JSON.stringify(full), 'b')).toEqual(full)
  })

  test.each(['', 'null', '[]', '"x"', '{', '{}', '{"__proto__":{}}'])(
    'is not any other JSON: %s',
    (text) => {
      expect(() => parseBundle(text, 'b')).toThrow(BundleInvalid)
    },
  )

  test('is a bundle or refused, whatever value is at whatever place', () => {
    const texts = JSON.stringify(bundle).match(/"[^"]*"|\d+|null|\[[^[\]]*\]|\{[^{}]*\}/g) ?? []
    fc.assert(
      fc.property(fc.constantFrom(...texts), fc.json({ maxDepth: 2 }), (from, to) => {
        const text = JSON.stringify(bundle).replace(from, () => to)
        try {
          expect(parseBundle(text, 'b').digest).toBe(bundle.digest)
        } catch (error) {
          expect(error).toBeInstanceOf(BundleInvalid)
        }
      }),
      { numRuns: 500 },
    )
  })

  test('is loaded from disk, or the reason why not is given', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'frostgate-bundle-'))
    const file = join(directory, 'bundle.json')
    try {
      await expect(loadBundle(file)).rejects.toThrow(/bundle\.json cannot be used: ENOENT/)
      await writeFile(file, JSON.stringify(bundle))
      await expect(loadBundle(file)).resolves.toEqual(bundle)
      await writeFile(file, ' '.repeat(16 * 1_048_576 + 1))
      await expect(loadBundle(file)).rejects.toThrow(/it is larger than 16777216 bytes/)
    } finally {
      await rm(directory, { recursive: true })
    }
  })
})
