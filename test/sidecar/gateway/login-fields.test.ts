/** Whatever a client writes into a login, Snowflake gets a login of the gateway's own. */

import fc from 'fast-check'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'

import { expectRefusal } from '../../support/client.ts'
import { eventually, startWorld, type TestGateway, type World } from '../../support/gateway.ts'

let world: World
let gateway: TestGateway

beforeAll(async () => {
  world = await startWorld()
  gateway = await world.gateway({ mostSessions: { perIdentity: 100_000, all: 100_000 } })
})

afterEach(() => {
  world.upstream.script = undefined
})

afterAll(async () => {
  await world.close()
})

const spoof = 'sp00f-value'

/** Of drivers, as far as any of them sends them (protocol §4.1 and §4.2), and some that none sends. */
const fields: Readonly<Record<string, unknown>> = {
  CLIENT_APP_VERSION: `1.0 ${spoof}!`,
  SVN_REVISION: spoof,
  ACCOUNT_NAME: spoof,
  LOGIN_NAME: spoof,
  PROVIDER: spoof,
  PROOF_KEY: spoof,
  RAW_SAML_RESPONSE: spoof,
  EXT_AUTHN_DUO_METHOD: spoof,
  PASSCODE: spoof,
  passcodeInPassword: spoof,
  CHOSEN_NEW_PASSWORD: spoof,
  SECONDARY_ROLES: spoof,
  SPCS_TOKEN: spoof,
  CLIENT_CAPABILITIES: { SMK_ID_AS_STRING: spoof },
  CLIENT_ENVIRONMENT: { APPLICATION: spoof, OS: spoof, OAUTH_TYPE: spoof, PLATFORM: [spoof] },
  inFlightCtx: spoof,
  browserModeRedirectPort: spoof,
  SESSION_PARAMETERS: {
    QUERY_TAG: spoof,
    SERVICE_NAME: spoof,
    SEARCH_PATH: spoof,
    REQUESTID: spoof,
    CLIENT_RUNTIME_NAME: spoof,
    CLIENT_APPLICATION_PATH: spoof,
    TIMEZONE: { zone: spoof },
    DATE_OUTPUT_FORMAT: [spoof],
    TIME_OUTPUT_FORMAT: `a\n${spoof}`,
    '_SNOWFLAKE.INTERNAL.CONNECTIONIDENTIFIERSHAPE': { shape: spoof },
    LOCK_TIMEOUT: spoof,
    AUTOCOMMIT: spoof,
  },
}

async function sentFor(data: Record<string, unknown>, query: Record<string, string> = {}) {
  const from = world.upstream.seen.length
  const answer = await gateway.client.login(await world.mint(), { data, query })
  const logins = world.upstream.seen
    .slice(from)
    .filter(({ path }) => path.includes('login-request'))
  return { answer, logins }
}

describe('of the fields of a login', () => {
  test('none goes upstream, all at once', async () => {
    const { answer, logins } = await sentFor(fields, { requestId: spoof, extra: spoof })
    expect(answer, answer.message).toMatchObject({ success: true })
    expect(logins).toHaveLength(1)
    const [login] = logins
    expect(JSON.stringify(login?.body) + String(login?.query)).not.toContain(spoof)
    const { data } = login?.body as { data: Record<string, unknown> }
    expect(data).toMatchObject({
      AUTHENTICATOR: 'SNOWFLAKE_JWT',
      SECONDARY_ROLES: 'NONE',
      ACCOUNT_NAME: world.bundle.connection.account,
      LOGIN_NAME: world.bundle.connection.user,
      CLIENT_ENVIRONMENT: { APPLICATION: 'Frostgate' },
    })
    expect(Object.keys(data).sort()).toEqual([
      'ACCOUNT_NAME', 'AUTHENTICATOR', 'CLIENT_APP_ID', 'CLIENT_APP_VERSION', 'CLIENT_ENVIRONMENT',
      'LOGIN_NAME', 'SECONDARY_ROLES', 'SESSION_PARAMETERS', 'TOKEN',
    ]) // prettier-ignore
  })

  test.each(Object.keys(fields))('%s alone does not', async (name) => {
    const { answer, logins } = await sentFor({ [name]: fields[name] })
    expect(answer, answer.message).toMatchObject({ success: true })
    expect(JSON.stringify(logins[0]?.body)).not.toContain(spoof)
  })

  test("the agent's token does not, wherever it stands", async () => {
    const token = await world.mint()
    for (const data of [
      { AUTHENTICATOR: 'OAUTH', TOKEN: token },
      { AUTHENTICATOR: 'SNOWFLAKE', PASSWORD: token, TOKEN: null },
      { AUTHENTICATOR: 'PROGRAMMATIC_ACCESS_TOKEN', TOKEN: token },
      { AUTHENTICATOR: 'WORKLOAD_IDENTITY', PROVIDER: 'OIDC', TOKEN: token },
    ]) {
      const { answer, logins } = await sentFor(data)
      expect(answer, data.AUTHENTICATOR).toMatchObject({ success: true })
      expect(JSON.stringify(logins[0]?.body)).not.toContain(token)
    }
  })

  test('of parameters those on the list do, in their own types', async () => {
    const { logins } = await sentFor({
      SESSION_PARAMETERS: {
        AUTOCOMMIT: 'false', week_start: '1', TIMEZONE: 'UTC', CLIENT_SESSION_KEEP_ALIVE: 'true',
        MULTI_STATEMENT_COUNT: 0, QUOTED_IDENTIFIERS_IGNORE_CASE: 'true',
        JAVASCRIPT_QUERY_RESULT_FORMAT: 'ARROW', CLIENT_TELEMETRY_ENABLED: true,
      },
    }) // prettier-ignore
    const { data } = logins[0]?.body as { data: { SESSION_PARAMETERS: object } }
    expect(data.SESSION_PARAMETERS).toMatchObject({
      AUTOCOMMIT: false, WEEK_START: 1, TIMEZONE: 'UTC', CLIENT_SESSION_KEEP_ALIVE: true,
      MULTI_STATEMENT_COUNT: 1, QUOTED_IDENTIFIERS_IGNORE_CASE: false, CLIENT_TELEMETRY_ENABLED: false,
    }) // prettier-ignore
    expect(data.SESSION_PARAMETERS).not.toHaveProperty('JAVASCRIPT_QUERY_RESULT_FORMAT')
  })

  test('any value of any of them ends in a session or in a refusal that no driver asks its user about', async () => {
    const names = fc.constantFrom(...Object.keys(fields), 'AUTHENTICATOR', 'TOKEN', 'PASSWORD')
    await fc.assert(
      fc.asyncProperty(fc.dictionary(names, fc.jsonValue()), async (data) => {
        const { answer } = await sentFor({ ...data })
        expect(answer.status).toBe(200)
        if (answer.success) return
        expect(answer.data).toMatchObject({ nextAction: 'RETRY_LOGIN' })
        expect(answer.code).not.toMatch(/^(390195|390110|390112)$/)
        expect(answer.text).not.toMatch(/EXT_AUTHN|PWD_CHANGE|DUO/)
      }),
      { numRuns: 30 },
    )
  }, 60_000)
})

describe('an agent that logs in again and again', () => {
  test('may have so many sessions, and is told so; another agent is not hindered', async () => {
    const few = await world.gateway({ mostSessions: { perIdentity: 2, all: 10 } })
    const [first] = [await few.login(), await few.login()]
    const refused = await few.client.login(await world.mint())
    expectRefusal(refused, 'SessionsExhausted')
    expect(refused.data).toMatchObject({ nextAction: 'RETRY_LOGIN' })
    const other = await world.issuer.mint({ subject: 'agent-8', groups: ['ai-coding-agents'] })
    expect(await few.client.login(other)).toMatchObject({ success: true })
    await first.logout()
    expect(await few.client.login(await world.mint())).toMatchObject({ success: true })
  })

  test('has no more of them by logging in side by side', async () => {
    const few = await world.gateway({ mostSessions: { perIdentity: 2, all: 10 } })
    const token = await world.mint()
    const from = world.upstream.seen.length
    const answers = await Promise.all(Array.from({ length: 6 }, () => few.client.login(token)))
    expect(answers.filter(({ success }) => success)).toHaveLength(2)
    // Those that are refused open no session at Snowflake.
    const logins = world.upstream.seen.slice(from).filter(({ path }) => path.includes('login-request')) // prettier-ignore
    expect(logins).toHaveLength(2)
  })

  test('holds no place by a login that failed at Snowflake', async () => {
    const few = await world.gateway({ mostSessions: { perIdentity: 1, all: 10 } })
    world.upstream.script = ({ path }) =>
      path.includes('login-request') ? { status: 400, text: '{"success":false}' } : undefined
    expectRefusal(await few.client.login(await world.mint()), 'UpstreamLoginFailed')
    world.upstream.script = undefined
    expect(await few.client.login(await world.mint())).toMatchObject({ success: true })
  })

  test('with a bad token does not fill the recording, and keeps nobody out', async () => {
    const looping = await world.gateway()
    const bad = await Promise.all(Array.from({ length: 60 }, () => looping.client.login('bad')))
    for (const answer of bad) expectRefusal(answer, 'TokenMalformed')
    expect(await looping.client.login(await world.mint())).toMatchObject({ success: true })
    await looping.close()
    const refusals = (await looping.events()).filter((event) => event.type === 'login.refused')
    expect(refusals).toHaveLength(21)
    await eventually(() => refusals.at(-1)?.error.name === 'LoginsUnrecorded')
    expect(refusals.at(-1)?.error.message).toMatch(/^40 more logins/)
  })
})
