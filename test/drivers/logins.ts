/** The logins that every driver makes: how the token is handed over, which one, and what comes of it. */

import { loginRefused, ran, rows, type Judge } from './answer.ts'
import { checks, type Check } from './checks.ts'

export type TokenKind = 'good' | 'forged' | 'expired'

export interface Login {
  readonly name: string
  /** Key of the clients' tables of connection settings. */
  readonly by: 'token' | 'password' | 'tokenFile'
  readonly token: TokenKind
  readonly judge: Judge
  /** Run in its session; none where it is refused. */
  readonly checks: readonly Check[]
  /** How often its session token expires meanwhile: the statement is then sent again. */
  readonly renewals?: number
}

const probe = (name: string): Check => ({
  name: `${name}: a statement`,
  sql: 'SELECT CURRENT_ROLE() AS r',
  operation: 'rows',
  judge: rows(['AGENT_READER']),
})

const accepted = (name: string, by: Login['by']): Login => ({
  name,
  by,
  token: 'good',
  judge: ran,
  checks: [probe(name)],
})

/** One refusal, no retries: a driver that logs in again and again would take longer. */
const promptMs = 5_000

export const logins: readonly Login[] = [
  { ...accepted('an OIDC token as OAuth token', 'token'), checks },
  accepted('an OIDC token as password', 'password'),
  accepted('an OIDC token in a file', 'tokenFile'),
  {
    name: 'a token signed by somebody else',
    by: 'token',
    token: 'forged',
    judge: loginRefused(390303, promptMs, 'signature'),
    checks: [],
  },
  {
    name: 'an expired token',
    by: 'token',
    token: 'expired',
    judge: loginRefused(390318, promptMs, 'expired'),
    checks: [],
  },
]

/** For a gateway whose session tokens live two seconds. */
export const renewalLogins: readonly Login[] = [
  {
    name: 'a session longer than its token',
    by: 'token',
    token: 'good',
    judge: ran,
    renewals: 1,
    checks: [
      probe('before the session token expires'),
      { name: 'longer than it lives', sql: '', operation: 'wait', seconds: 2.5, judge: ran },
      probe('after the session token expired'),
    ],
  },
]
