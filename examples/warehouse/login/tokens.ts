import type { WarehouseOptions, WarehouseUser } from '../options.ts'

/** The roads a user's token may come by. */
export type TokenRoad = 'OAUTH' | 'PROGRAMMATIC_ACCESS_TOKEN' | 'SNOWFLAKE'

/** A refusal as the real server words it. */
export interface TokenRefusal {
  readonly code: string
  readonly message: string
}

const invalid: Readonly<Record<TokenRoad, TokenRefusal>> = {
  OAUTH: { code: '390303', message: 'Invalid OAuth access token.' },
  PROGRAMMATIC_ACCESS_TOKEN: {
    code: '394400',
    message: 'Programmatic access token is invalid.',
  },
  SNOWFLAKE: { code: '390100', message: 'Incorrect username or password was specified.' },
}

const expired: Readonly<Record<TokenRoad, TokenRefusal>> = {
  OAUTH: {
    code: '390318',
    message: 'OAuth access token expired. Provide a new access token to connect.',
  },
  PROGRAMMATIC_ACCESS_TOKEN: {
    code: '394401',
    message: 'Programmatic access token is expired.',
  },
  SNOWFLAKE: invalid.SNOWFLAKE,
}

const otherUser: TokenRefusal = {
  code: '390309',
  message:
    'The user you were trying to authenticate as differs from the user tied to the access token.',
}

/** Users' fixed tokens: accepted as OAuth token, as programmatic access token, and as password. */
export class UserTokens {
  readonly #users: () => readonly WarehouseUser[]
  readonly #expired = new Set<string>()

  constructor(users: WarehouseOptions['users']) {
    this.#users = typeof users === 'function' ? users : () => users
  }

  /** From now on this token, or every token registered now, has expired. */
  expire(token?: string): void {
    const all = token === undefined ? this.#users().flatMap((user) => user.tokens ?? []) : [token]
    for (const each of all) this.#expired.add(each)
  }

  /** Who shows this token. A password needs the login name, the others do without. */
  verify(
    road: TokenRoad,
    token: string,
    loginName: string,
  ): { readonly user: WarehouseUser } | { readonly refusal: TokenRefusal } {
    const user =
      token === '' ? undefined : this.#users().find(({ tokens }) => tokens?.includes(token))
    if (user === undefined) return { refusal: invalid[road] }
    if (this.#expired.has(token)) return { refusal: expired[road] }
    const named = loginName.toUpperCase() === user.name.toUpperCase()
    if (named || (loginName === '' && road !== 'SNOWFLAKE')) return { user }
    return { refusal: road === 'OAUTH' ? otherUser : invalid[road] }
  }
}
