/** The logins that every driver makes: how the token is handed over, which one, and what comes of it. */

import { loginRefused, ran, rows, type Judge } from './answer.ts'
import { query, type Check } from './check.ts'
import {
  leftAlone,
  long,
  renewedInChunks,
  renewedWhileHeld,
  renewedWhileRunning,
} from './checks/long.ts'
import { ids } from './checks/ids.ts'
import { masks } from './checks/masks.ts'
import { refusals } from './checks/refusals.ts'
import { results } from './checks/results.ts'
import { session } from './checks/session.ts'
import { types } from './checks/types.ts'
import type { Item } from './suite.ts'

export type TokenKind = 'good' | 'forged' | 'expired'

export interface Login {
  readonly name: string
  readonly item: Item
  /** Key of the clients' tables of connection settings. */
  readonly by: 'token' | 'password' | 'tokenFile' | 'pat' | 'workloadIdentity'
  readonly token: TokenKind
  readonly judge: Judge
  /** It is left alone until the gateway has closed it. */
  readonly idle?: true
  /** Run in its session; none where it is refused. */
  readonly checks: readonly Check[]
}

const role = (name: string, item: Item): Check =>
  query(item, `${name}: a statement`, 'SELECT CURRENT_ROLE() AS r', rows(['AGENT_READER']))

const accepted = (name: string, by: Login['by'], item: Item): Login => ({
  name,
  item,
  by,
  token: 'good',
  judge: ran,
  checks: [role(name, item)],
})

const renewed = (name: string, item: Item, ...checks: readonly Check[]): Login => ({
  ...accepted(name, 'token', item),
  checks,
})

/** One refusal, no retries: a driver that logs in again and again would take longer. */
const promptMs = 5_000

const refusedLogin = (name: string, token: TokenKind, code: number, word: string): Login => ({
  name,
  item: 'bad token',
  by: 'token',
  token,
  judge: loginRefused(code, promptMs, word),
  checks: [],
})

/** `extra`: what only one driver has. */
export const logins = (extra: readonly Check[]): readonly Login[] => [
  {
    ...accepted('an OIDC token as OAuth token', 'token', 'connect by token'),
    checks: [...types, ...results, ...masks, ...refusals, ...ids, ...extra, ...session],
  },
  accepted('an OIDC token as password', 'password', 'connect by password'),
  accepted('an OIDC token in a file', 'tokenFile', 'connect by token file'),
  accepted('an OIDC token as programmatic access token', 'pat', 'connect by PAT'),
  accepted(
    'an OIDC token as workload identity',
    'workloadIdentity',
    'connect by workload identity',
  ),
  refusedLogin('a token signed by somebody else', 'forged', 390303, 'signature'),
  refusedLogin('an expired token', 'expired', 390318, 'expired'),
]

/** For a gateway that holds statements, and lets some write. */
export const holdingLogins: readonly Login[] = [
  renewed('a session with holds', 'session and close', ...long),
]

/** For a gateway whose session tokens live two seconds; each of them renews its own. */
export const renewalLogins: readonly Login[] = [
  renewed(
    'a session longer than its token',
    'renewal',
    role('before the session token expires', 'renewal'),
    {
      name: 'longer than it lives',
      item: 'renewal',
      sql: '',
      operation: 'wait',
      seconds: 2.5,
      judge: ran,
    },
    role('after the session token expired', 'renewal'),
    renewedInChunks,
  ),
  renewed('a session with a long statement', 'renewal', renewedWhileRunning),
  renewed('a session with a long hold', 'renewal in a hold', renewedWhileHeld),
  { ...renewed('a session left alone', 'idle session', ...leftAlone), idle: true },
]

/** What is asked of the warehouse itself, in one session. */
export function directLogin(logins: readonly Login[]): Login {
  const checks = logins.flatMap((login) => login.checks.filter(({ direct }) => direct))
  return { ...accepted('direct', 'token', 'connect by token'), checks }
}
