/** `frostgate token`: an OIDC token of the local example issuer, for trying the gateway. */

import { Command, InvalidArgumentError, Option } from 'commander'
import { decodeJwt } from 'jose'

import { defaultIssuerPort, isLoopbackHost } from '../../examples/oidc/address.ts'
import type { CommandFactory } from '../command.ts'
import { CliError } from '../output.ts'

interface Options {
  readonly group: readonly string[]
  readonly subject: string
  readonly issuer?: string
  readonly expiresIn: number
  readonly audience: string
  readonly json?: true
}

const examples = `
The issuer is found at --issuer, else at FROSTGATE_ISSUER, else at http://127.0.0.1:${defaultIssuerPort}.

Examples:
  frostgate token --group ai-coding-agents
  SNOWFLAKE_TOKEN=$(frostgate token --group ai-coding-agents --subject agent-7)
  frostgate token --group ai-coding-agents --expires-in=-1m   # one that has expired`

export const tokenCommand: CommandFactory = (terminal) =>
  new Command('token')
    .summary('get an OIDC token from the local example issuer')
    .description(
      'Asks the issuer that "frostgate up" starts beside an example for a token, and prints nothing else. It is for trying only: real agents bring the token of their own identity provider.',
    )
    .requiredOption('--group <name>', 'group of the identity; may be given several times', collect)
    .option('--subject <name>', 'subject of the identity', 'agent')
    .option('--issuer <url>', 'address of the local issuer')
    .addOption(expiresIn())
    .option('--audience <name>', 'who the token is for', 'frostgate')
    .option('--json', 'print the token with its claims as JSON')
    .addHelpText('after', examples)
    .action(async ({ group, subject, issuer, expiresIn, audience, json }: Options) => {
      const base = localIssuer(issuer ?? terminal.environment['FROSTGATE_ISSUER'])
      const request = { subject, groups: group, audience, expires_in: expiresIn }
      const token = await requestToken(base, request)
      if (json) terminal.json({ token, claims: decodeJwt(token) })
      else terminal.out(token)
      terminal.exit(0)
    })

function localIssuer(given: string | undefined): URL {
  const text = given ?? `http://127.0.0.1:${defaultIssuerPort}`
  const url = URL.parse(text)
  if (url?.protocol === 'http:' && isLoopbackHost(url.host)) return url
  throw new CliError(
    `${text} is not the address of a local issuer (http on a loopback host). Tokens of a real identity provider come from that provider.`,
  )
}

/** As far as it is what it should be. */
type Answer = Readonly<Partial<Record<'access_token' | 'error_description', unknown>>>

async function requestToken(issuer: URL, request: unknown): Promise<string> {
  const response = await post(new URL('/token', issuer), request)
  const answer: unknown = await response.json().catch(() => null)
  const { access_token: token, error_description: reason } = (answer ?? {}) as Answer
  if (response.ok && typeof token === 'string' && /^[\w-]+\.[\w-]+\.[\w-]+$/.test(token)) {
    return token
  }
  if (typeof reason === 'string') throw new CliError(`The issuer refused: ${reason}`, 1)
  throw new CliError(
    `What answers at ${issuer.origin} is not the example issuer (HTTP ${response.status}).`,
  )
}

async function post(url: URL, body: unknown): Promise<Response> {
  try {
    return await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
      redirect: 'error',
      signal: AbortSignal.timeout(5000),
    })
  } catch {
    throw new CliError(
      `No local issuer answers at ${url.origin}. Start one with: frostgate up examples/quickstart`,
    )
  }
}

function expiresIn(): Option {
  return new Option('--expires-in <duration>', 'such as 90s, 15m, 1h')
    .argParser(duration)
    .default(3600, '1h')
}

function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value]
}

const secondsPer = { s: 1, m: 60, h: 3600, d: 86_400 } as const

/** Seconds. A negative duration is allowed: an expired token is worth trying too. */
function duration(value: string): number {
  const [, amount, unit] = /^(-?\d{1,6})([smhd])$/.exec(value) ?? []
  if (amount === undefined || unit === undefined) {
    throw new InvalidArgumentError('Give a number with a unit: 90s, 15m, 1h, 1d.')
  }
  return Number(amount) * secondsPer[unit as keyof typeof secondsPer]
}
