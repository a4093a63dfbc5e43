/** One driver: its plan at the warehouse itself, and then through each gateway. */

import { join } from 'node:path'

import { captureProxy, type CaptureOptions, type Conversation } from '../wire/capture-proxy.ts'
import { httpMessages } from '../wire/http-messages.ts'
import type { Answer, Truth } from './answer.ts'
import { fileContent, runClient } from './client.ts'
import type { Driver } from './driver.ts'
import { cutMark } from './check.ts'
import { forge } from './forge.ts'
import { recordedEvents, tokenOf, type Addresses } from './gateway.ts'
import type { HoldingGateway } from './holding-gateway.ts'
import { verdicts } from './judge.ts'
import { directLogin, holdingLogins, logins, renewalLogins, type Login } from './logins.ts'
import type { Servers } from './servers.ts'
import { runSnippet } from './snippet.ts'
import type { Item, Verdict } from './suite.ts'

interface Part {
  readonly name: 'gateway' | 'holding' | 'renewing'
  readonly logins: readonly Login[]
}

/** Only checks whose names hold `match`, if it is given: to look into one of them. */
export async function runDriver(
  driver: Driver,
  servers: Servers,
  truth: Truth,
  folder: string,
  match?: RegExp,
): Promise<readonly Verdict[]> {
  const parts: readonly Part[] = [
    { name: 'gateway', logins: only(logins(driver.checks ?? []), match) },
    { name: 'holding', logins: only(holdingLogins, match) },
    { name: 'renewing', logins: only(renewalLogins, match) },
  ]
  const asked = parts.flatMap((part) => part.logins)
  const direct = await directAnswers(driver, asked, servers, join(folder, 'direct'))
  // At once: those of the last two mostly wait.
  const found = await Promise.all(
    parts.map((part) =>
      runPart(driver, part, servers, { truth, direct, folder: join(folder, part.name) }),
    ),
  )
  const snippet = match ? [] : await snippetVerdict(driver, servers, folder)
  return [...found.flat(), ...snippet]
}

function only(all: readonly Login[], match: RegExp | undefined): readonly Login[] {
  if (!match) return all
  return all
    .map((login) => ({ ...login, checks: login.checks.filter(({ name }) => match.test(name)) }))
    .filter(({ name, checks }) => checks.length > 0 || match.test(name))
}

async function directAnswers(
  driver: Driver,
  asked: readonly Login[],
  { direct }: Servers,
  folder: string,
): Promise<ReadonlyMap<string, Answer>> {
  const tokens = { good: direct.token, forged: '', expired: '' }
  const login = directLogin(asked)
  if (login.checks.length === 0) return new Map()
  const answers = await runClient(driver, { gateway: direct.url, tokens, logins: [login], folder })
  return new Map(answers.map((answer) => [answer.check, answer]))
}

interface PartOptions {
  readonly truth: Truth
  readonly direct: ReadonlyMap<string, Answer>
  readonly folder: string
}

/** Between driver and gateway stands a proxy that counts requests: a retry must not go unseen. */
async function runPart(
  driver: Driver,
  part: Part,
  servers: Servers,
  { truth, direct, folder }: PartOptions,
): Promise<readonly Verdict[]> {
  if (part.logins.length === 0) return []
  const logins = part.logins.map((login) => placed(login, servers.foreign.queryId))
  const server: Addresses & Partial<Pick<HoldingGateway, 'executions'>> = servers[part.name]
  const { gateway, issuer, recording } = server
  const ran = (): number => server.executions?.(cutMark) ?? 0
  const ranBefore = ran()
  const good = await tokenOf(issuer, '1h')
  const tokens = { good, forged: await forge(good), expired: await tokenOf(issuer, '-1m') }
  const before = (await recordedEvents(recording)).length
  const proxy = await captureProxy({
    target: gateway,
    ...(server.executions ? { onSent: breakOnce() } : {}),
  })
  try {
    const answers = await runClient(driver, {
      gateway: proxy.url, tokens, logins, folder,
    }) // prettier-ignore
    const conversations = proxy.conversations()
    const sent = conversations.map((conversation) => conversation.sent)
    const requests = sent.flatMap(httpMessages)
    const observed = verdicts({
      logins,
      answers,
      direct,
      truth,
      driver,
      renewing: part.name === 'renewing',
      events: (await recordedEvents(recording)).slice(before),
      requests,
      telemetry: conversations.flatMap(telemetryStatuses),
      executions: ran() - ranBefore,
    })
    const left = [...sent, ...requests.map(({ body }) => body)].some((bytes) =>
      bytes.includes(fileContent),
    )
    return [
      ...observed,
      verdict('no file leaves', 'PUT refused', left ? 'its content was sent' : undefined),
    ]
  } catch (error) {
    const complaint = error instanceof Error ? error.message : String(error)
    return [verdict(`the client at the ${part.name} gateway`, 'session and close', complaint)]
  } finally {
    await proxy.close()
  }
}

/** `{foreign}` in its place. */
function placed(login: Login, foreign: string): Login {
  const place = (sql: string): string => sql.replaceAll('{foreign}', foreign)
  return {
    ...login,
    checks: login.checks.map((check) =>
      typeof check.sql === 'string' ? { ...check, sql: place(check.sql) } : check,
    ),
  }
}

/** The line on which a statement with the mark comes breaks a second later; the next one holds. */
function breakOnce(): Required<CaptureOptions>['onSent'] {
  let broken = false
  return (soFar, cut) => {
    if (broken || !httpMessages(soFar()).some(({ body }) => body.includes(cutMark))) return
    broken = true
    setTimeout(cut, 1_000)
  }
}

/** Of each batch of telemetry the status line of its answer. */
function telemetryStatuses({ sent, received }: Conversation): readonly string[] {
  if (!sent.includes('POST /telemetry')) return []
  const answers = httpMessages(received)
  return httpMessages(sent).flatMap(({ start }, index) =>
    start.startsWith('POST /telemetry') ? [answers[index]?.start ?? 'no answer'] : [],
  )
}

const verdict = (name: string, item: Item, complaint: string | undefined): Verdict => ({
  name,
  item,
  complaint,
})

async function snippetVerdict(
  { snippet }: Driver,
  { gateway }: Servers,
  folder: string,
): Promise<readonly Verdict[]> {
  if (!snippet) return []
  const complaint = await runSnippet(snippet, {
    gateway: gateway.gateway,
    tokenFile: join(folder, 'gateway/token'),
    folder: join(folder, 'snippet'),
  })
  return [verdict('the snippet in docs/clients.md', 'connect by token file', complaint)]
}
