/** Bodies of requests: each endpoint's own shape, with fields that nobody asked for. */

import { gzipSync } from 'node:zlib'

import type { Random } from '../../fuzz/random.ts'
import { nested, odd, ownMembers } from '../values.ts'

export interface Tokens {
  readonly session: string
  readonly foreign: string
  readonly expired: string
  readonly master: string
  /** Snowflake's own, which the gateway holds. */
  readonly upstream: string
  readonly oidc: string
  /** A statement of the session that has succeeded. */
  readonly statement: string
}

export type BodyKind = 'login' | 'renew' | 'query' | 'abort' | 'empty'

const texts = (marker: string): readonly string[] => [
  'SELECT 1', `SELECT '${marker}' AS x`, 'SELECT ssn FROM health.phi.patients ORDER BY id LIMIT 2',
  `SELECT id FROM health.phi.patients WHERE name = '${marker}'`, 'SELECT ? AS a', 'SELECT 1; SELECT 2',
  `DROP TABLE ${marker}`, `PUT file:///etc/${marker} @~`, "GET @~ file:///tmp/", `ALTER SESSION SET QUERY_TAG = '${marker}'`,
  `ALTER SESSION SET MULTI_STATEMENT_COUNT = 0`, 'USE ROLE ACCOUNTADMIN', 'USE SECONDARY ROLES ALL', `CALL system$${marker}()`,
  `EXECUTE IMMEDIATE 'SELECT 1'`, 'BEGIN SELECT 1; END', `COPY INTO 's3://${marker}/' FROM t`, '', ' ', ';;', `SELECT $$${marker}`,
  'SELECT * FROM TABLE(RESULT_SCAN(LAST_QUERY_ID()))', `SHOW TABLES LIKE '${marker}'`, 'DESCRIBE TABLE health.phi.patients',
] // prettier-ignore

type Maker = (
  choices: Random,
  marker: string,
  tokens: Tokens,
) => readonly (readonly [string, unknown])[]

const sessionParameters = (choices: Random, marker: string): object =>
  ownMembers([
    [choices.pick(['TIMEZONE', 'QUERY_TAG', 'WEEK_START', 'MULTI_STATEMENT_COUNT']), choices.pick([marker, 'UTC', 1, '2', 0])],
    [choices.pick(['SEARCH_PATH', 'QUOTED_IDENTIFIERS_IGNORE_CASE', marker, '__proto__']), marker],
    [choices.pick(['JDBC_QUERY_RESULT_FORMAT', 'PYTHON_CONNECTOR_QUERY_RESULT_FORMAT']), choices.pick(['JSON', 'ARROW', marker])],
  ]) // prettier-ignore

const bindings = (choices: Random, marker: string): unknown =>
  choices.pick<unknown>([
    { 1: { type: 'TEXT', value: marker } },
    { 1: { type: 'FIXED', value: '1', fmt: marker, schema: { [marker]: 1 }, [marker]: marker } },
    { 1: { type: marker, value: [marker, null] } },
    { [marker]: { type: 'TEXT', value: marker } },
    odd(choices, marker),
  ])

/** Fields of a real driver first, then those that could smuggle something. */
const makers: Readonly<Record<BodyKind, Maker>> = {
  login: (choices, marker, { oidc, upstream, session }) => {
    const data: (readonly [string, unknown])[] = [
      ['CLIENT_APP_ID', choices.pick(['JavaScript', 'PythonConnector', 'JDBC', 'Go', marker, '\u0000'])],
      ['CLIENT_APP_VERSION', choices.pick(['4.8.1', `${marker} `, 7])],
      ['ACCOUNT_NAME', choices.pick(['acme-demo', marker])],
      ['LOGIN_NAME', choices.pick([marker, 'FROSTGATE_AGENTS'])],
      ['AUTHENTICATOR', choices.pick(['OAUTH', 'SNOWFLAKE', 'SNOWFLAKE_JWT', 'PROGRAMMATIC_ACCESS_TOKEN', marker])],
      ['SESSION_PARAMETERS', sessionParameters(choices, marker)],
    ] // prettier-ignore
    if (choices.chance(0.7)) data.push(['TOKEN', choices.pick([oidc, oidc, upstream, session, `${oidc.slice(0, -4)}AAAA`, marker, 5])]) // prettier-ignore
    if (choices.chance(0.4)) data.push(['PASSWORD', choices.pick([oidc, marker, upstream])])
    for (const name of ['RAW_SAML_RESPONSE', 'PROOF_KEY', 'SPCS_TOKEN', 'PROVIDER', 'SECONDARY_ROLES', 'CLIENT_ENVIRONMENT', 'CLIENT_CAPABILITIES'])
      if (choices.chance(0.2)) data.push([name, odd(choices, marker)]) // prettier-ignore
    return [['data', ownMembers(data)]]
  },
  renew: (choices, marker, { session, upstream }) => [
    ['oldSessionToken', choices.pick([session, upstream, marker])],
    ['requestType', choices.pick(['RENEW', 'RENEW', 'ISSUE', 'CLONE', marker, 1])],
  ],
  query: (choices, marker) => {
    const fields: (readonly [string, unknown])[] = [
      ['sqlText', choices.chance(0.95) ? choices.pick(texts(marker)) : odd(choices, marker)],
      ['asyncExec', choices.pick([false, false, true, 'true', 1])],
      ['describeOnly', choices.pick([false, false, true, 'true'])],
      ['sequenceId', choices.pick([1, '1', marker])],
      ['querySubmissionTime', choices.pick([Date.UTC(2026, 0), marker])],
    ]
    const more: Readonly<Record<string, () => unknown>> = {
      parameters: () => sessionParameters(choices, marker),
      bindings: () => bindings(choices, marker),
      isInternal: () => true,
      bindStage: () => `@SYSTEMBIND/${marker}`,
      dataframeAst: () => marker,
      queryContextDTO: () => ({ entries: [{ id: 0, timestamp: 1, priority: 0, context: { base64Data: marker } }] }),
      describedJobId: () => marker,
      disableOfflineChunks: () => true,
      requestId: () => marker,
    } // prettier-ignore
    for (const [name, value] of Object.entries(more))
      if (choices.chance(0.15)) fields.push([name, value()])
    return fields
  },
  abort: (choices, marker, { statement }) => [
    ['requestId', choices.pick([marker, statement, null, {}])],
    ['sqlText', marker],
  ],
  empty: () => [],
}

/** A body's bytes, and whether they say how they are encoded. */
export interface Body {
  readonly bytes: Buffer
  readonly encoding: string | undefined
}

const bomb = gzipSync(Buffer.alloc(24 * 1024 * 1024, 32))

export function bodyOf(kind: BodyKind, choices: Random, marker: string, tokens: Tokens): Body {
  return encoded(textFor(kind, choices, marker, tokens), choices)
}

function textFor(kind: BodyKind, choices: Random, marker: string, tokens: Tokens): string {
  const roll = choices.below(100)
  if (roll < 3) return JSON.stringify(odd(choices, marker))
  if (roll < 5) return nested(choices.pick([10, 200, 5_000]), choices.chance(0.5))
  if (roll < 7) return `{"${marker}":`
  const fields = [...makers[kind](choices, marker, tokens)]
  if (choices.chance(0.5)) fields.push([choices.pick([marker, '__proto__', 'unheardOf']), odd(choices, marker)])
  const json = JSON.stringify(ownMembers(fields))
  // The last of two members of one name counts, for us and for Snowflake.
  if (roll < 10) return json.replace(/^\{/, '{"sqlText":"SELECT 2","data":1,"requestType":"ISSUE",').replace(/,\}$/, '}')
  if (roll < 12) return json.slice(0, choices.below(json.length + 1))
  if (roll < 14) return `\ufeff${json}`
  return json
} // prettier-ignore

function encoded(text: string, choices: Random): Body {
  const roll = choices.below(1_000)
  const plain = Buffer.from(text)
  if (roll < 1) return { bytes: bomb, encoding: 'gzip' }
  if (roll < 60) return { bytes: gzipSync(plain), encoding: 'gzip' }
  if (roll < 110) return { bytes: gzipSync(plain), encoding: undefined }
  if (roll < 130) return { bytes: plain, encoding: choices.pick(['gzip', 'br', 'zstd']) }
  if (roll < 150) return { bytes: gzipSync(plain).subarray(0, -5), encoding: 'gzip' }
  if (roll < 160) return { bytes: Buffer.from([0x1f, 0x8b, 0, 0xff, 1]), encoding: undefined }
  return { bytes: plain, encoding: undefined }
}
