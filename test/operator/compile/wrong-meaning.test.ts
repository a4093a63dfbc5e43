import { describe, expect, test } from 'vitest'
import { changed, problemsOf } from './folder.ts'

/** Each is a valid folder with one text replaced, and all that is then said about it. */
const cases: readonly {
  readonly title: string
  readonly file: string
  readonly from: string
  readonly to: string
  readonly problems: readonly string[]
}[] = [
  {
    title: 'a reference to no connection',
    file: 'masking.yaml',
    from: '{ name: acme }',
    to: '{ name: acne }',
    problems: [
      'masking.yaml:6:20 spec.connectionRef.name: there is no SnowflakeConnection "acne" in namespace "frostgate". Did you mean acme?',
    ],
  },
  {
    title: 'a reference across namespaces',
    file: 'masking.yaml',
    from: '  name: ssn',
    to: '  name: ssn\n  namespace: other',
    problems: [
      'masking.yaml:7:20 spec.connectionRef.name: there is no SnowflakeConnection "acme" in namespace "other". There are: none. References stay within a namespace.',
    ],
  },
  {
    title: 'a subject of an unknown provider',
    file: 'policy.yaml',
    from: 'provider: okta',
    to: 'provider: octa',
    problems: [
      'policy.yaml:8:7 spec.subjects[0].provider: "octa" is not an identity provider of the connection. Did you mean okta?',
    ],
  },
  {
    title: 'an exception of an unknown provider',
    file: 'masking.yaml',
    from: '  mask:',
    to: '  exceptFor: [{ provider: github, groups: [x] }]\n  mask:',
    problems: [
      'masking.yaml:8:17 spec.exceptFor[0].provider: "github" is not an identity provider of the connection. It has: okta.',
    ],
  },
  {
    title: 'an object pattern with two parts',
    file: 'policy.yaml',
    from: '[A.B.*]',
    to: '[A.B]',
    problems: [
      'policy.yaml:14:17 spec.rules[0].objects[0]: "A.B" has 2 parts instead of 3. Write DATABASE.SCHEMA.NAME, each part an identifier or *.',
    ],
  },
  {
    title: 'a wildcard inside a name',
    file: 'policy.yaml',
    from: '[A.B.*]',
    to: '[A.B.PAT*]',
    problems: [
      'policy.yaml:14:17 spec.rules[0].objects[0]: "A.B.PAT*" cannot be read from "*" on. Write DATABASE.SCHEMA.NAME, each part an identifier or *. A * stands for a whole part; other characters need double quotes.',
    ],
  },
  {
    title: 'an object pattern with braces',
    file: 'policy.yaml',
    from: '[A.B.*]',
    to: "['A.B.{C,D}']",
    problems: [
      'policy.yaml:14:17 spec.rules[0].objects[0]: "A.B.{C,D}" has braces, which only columns may have. Write DATABASE.SCHEMA.NAME, each part an identifier or *.',
    ],
  },
  {
    title: 'a column pattern with three parts',
    file: 'masking.yaml',
    from: '[A.B.C.SSN]',
    to: '[B.C.SSN]',
    problems: [
      'masking.yaml:7:13 spec.columns[0]: "B.C.SSN" has 3 parts instead of 4. Write DATABASE.SCHEMA.NAME.COLUMN, each part an identifier or *.',
    ],
  },
  {
    title: 'a column pattern whose brace is not closed',
    file: 'masking.yaml',
    from: '[A.B.C.SSN]',
    to: "['A.B.C.{SSN,DOB']",
    problems: [
      'masking.yaml:7:13 spec.columns[0]: "A.B.C.{SSN,DOB": braces are not closed. Write {SSN,DOB}.',
    ],
  },
  {
    title: 'a quote that is not closed',
    file: 'masking.yaml',
    from: '[A.B.C.SSN]',
    to: "['A.B.C.\"SSN']",
    problems: [
      'masking.yaml:7:13 spec.columns[0]: "A.B.C."SSN": a name is missing before ""SSN". A name is letters, digits, _ and $, not starting with a digit, or anything in double quotes.',
    ],
  },
  {
    title: 'service accounts and subjects that have none in common',
    file: 'policy.yaml',
    from: 'groups: [ai]',
    to: 'serviceAccounts: [{ namespace: ci, name: runner }]\n      subjects: [someone]',
    problems: [
      'policy.yaml:9:7 spec.subjects[0].serviceAccounts: none of these service accounts is among subjects, so nobody matches. Give one of serviceAccounts and subjects, or the same in both.',
    ],
  },
  {
    title: "a cluster's own issuer where there is no cluster",
    file: 'connection.yaml',
    from: '  identityProviders:',
    to: '  identityProviders:\n    - name: cluster\n      kubernetes: {}',
    problems: [
      'connection.yaml:14:7 spec.identityProviders[0].kubernetes: is the service account issuer of a cluster, and this is not run in one. Use oidc with an issuer that can be reached from here.',
    ],
  },
  {
    title: "a host that is not Snowflake's",
    file: 'connection.yaml',
    from: 'account: acme-prod',
    to: 'host: snowflake.evil.example',
    problems: [
      'connection.yaml:6:3 spec.host: a host outside of .snowflakecomputing.com and .snowflakecomputing.cn needs tls.caSecretRef, the certificates to know it by. It says "snowflake.evil.example".',
    ],
  },
  {
    title: 'OAuth client credentials, which are not served yet',
    file: 'connection.yaml',
    from: 'keyPair: {',
    to: 'oauthClient: { tokenUrl: https://a.example/token,',
    problems: [
      'connection.yaml:11:5 spec.credential.oauthClient: is not served by this version. Use keyPair or workloadIdentity.',
    ],
  },
  {
    title: 'certificates in a Secret that is not there',
    file: 'connection.yaml',
    from: '  credential:',
    to: '  tls: { caSecretRef: { name: acme-ca } }\n  credential:',
    problems: [
      'connection.yaml:10:25 spec.tls.caSecretRef.name: there is no Secret "acme-ca" in namespace "frostgate". Add it, with the certificates in PEM under "ca.crt".',
    ],
  },
  {
    title: 'a host that is an address, which has no name to check',
    file: 'connection.yaml',
    from: 'account: acme-prod',
    to: 'host: 10.0.0.1\n  tls: { caSecretRef: { name: acme-ca } }',
    problems: [
      'connection.yaml:6:3 spec.host: "10.0.0.1" is not a DNS name. Write a host name, with a port if it is not 443, and without https://.',
      'connection.yaml:7:25 spec.tls.caSecretRef.name: there is no Secret "acme-ca" in namespace "frostgate". Add it, with the certificates in PEM under "ca.crt".',
    ],
  },
  {
    title: 'an issuer in plain http',
    file: 'connection.yaml',
    from: 'https://acme.okta.example',
    to: 'http://acme.okta.example',
    problems: [
      'connection.yaml:15:9 spec.identityProviders[0].oidc.issuer: "http://acme.okta.example" is not an issuer that can be trusted. Write an https URL without query and fragment, exactly as in the "iss" claim; http is for loopback addresses only.',
    ],
  },
  {
    title: 'one issuer under two names',
    file: 'connection.yaml',
    from: '  identityProviders:',
    to: '  identityProviders:\n    - { name: x, oidc: { issuer: https://acme.okta.example, audiences: [a] } }',
    problems: [
      'connection.yaml:16:9 spec.identityProviders[1].oidc.issuer: is the issuer of provider "x" too, so a token would have two meanings. Name each issuer once; it may have several audiences.',
    ],
  },
  {
    title: 'a symmetric algorithm',
    file: 'connection.yaml',
    from: 'audiences: [frostgate]',
    to: 'audiences: [frostgate]\n        algorithms: [HS256]',
    problems: [
      'connection.yaml:17:22 spec.identityProviders[0].oidc.algorithms[0]: "HS256" is not one of RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, ES512, EdDSA. Did you mean RS256?',
    ],
  },
  {
    title: 'an age out of range',
    file: 'connection.yaml',
    from: '  credential:',
    to: '  maxSessionAge: 48h\n  credential:',
    problems: [
      'connection.yaml:10:3 spec.maxSessionAge: must be from 1m to 24h, such as 8h. It says "48h".',
    ],
  },
  {
    title: 'a catalogue that is believed for too long',
    file: 'connection.yaml',
    from: '  credential:',
    to: '  catalogMaxAge: 61m\n  credential:',
    problems: [
      'connection.yaml:10:3 spec.catalogMaxAge: must be up to 1h, such as 60s. It says "61m".',
    ],
  },
  {
    title: 'a canary that occurs by chance',
    file: 'connection.yaml',
    from: '  credential:',
    to: '  canaries: [x-1]\n  credential:',
    problems: [
      'connection.yaml:10:14 spec.canaries[0]: must have at least 6 characters. Leave the field out, or fill it.',
    ],
  },
  {
    title: 'a role that is not one name',
    file: 'connection.yaml',
    from: 'role: READER',
    to: 'role: MY ROLE',
    problems: [
      'connection.yaml:8:3 spec.role: "MY ROLE" cannot be read from " ROLE" on. Write one identifier; quote it as in SQL if it needs quotes. A * stands for a whole part; other characters need double quotes.',
    ],
  },
]

describe('A folder that is well formed but means nothing, or what is not served, is refused at the field', () => {
  test.each(cases)('$title', async ({ file, from, to, problems }) => {
    expect(await problemsOf(changed(file, from, to))).toEqual(problems)
  })
})
