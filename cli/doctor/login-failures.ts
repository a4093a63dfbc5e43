/** What Snowflake means by refusing a login, by its code; several codes have no page of their own. */

export interface LoginFailure {
  readonly step: 'JWT' | 'role' | 'warehouse' | 'network policy' | 'user' | 'login'
  readonly remedy: string
}

export interface LoginFacts {
  readonly user: string
  readonly role: string
  readonly warehouse: string
  readonly account: string
  /** Of the public key that belongs to the credential; undefined where there is no key pair. */
  readonly fingerprint: string | undefined
}

type Remedy = (facts: LoginFacts) => string

const jwt: Remedy = ({ user, account, fingerprint }) =>
  fingerprint === undefined
    ? `DESCRIBE USER ${user} and the account's security integrations say what is trusted for it.`
    : `DESCRIBE USER ${user} must show RSA_PUBLIC_KEY_FP (or RSA_PUBLIC_KEY_2_FP) ${fingerprint}, and the account must be ${account}; else ALTER USER ${user} SET RSA_PUBLIC_KEY.`

const networkPolicy: Remedy = ({ user }) =>
  `A network policy does not let this address in; the sidecars' addresses are what counts. SHOW PARAMETERS LIKE 'NETWORK_POLICY' FOR USER ${user} names it.`

const table: readonly {
  readonly codes: RegExp
  readonly text?: RegExp
  readonly step: LoginFailure['step']
  readonly remedy: Remedy
}[] = [
  { codes: /^(390144|39430[0-9])$/, step: 'JWT', remedy: jwt },
  {
    codes: /^390189$/,
    step: 'role',
    remedy: ({ role, user }) => `GRANT ROLE ${role} TO USER ${user}, or correct spec.role.`,
  },
  {
    codes: /^390201$/,
    step: 'warehouse',
    remedy: ({ role, warehouse }) =>
      `GRANT USAGE ON WAREHOUSE ${warehouse} TO ROLE ${role}, or correct spec.warehouse.`,
  },
  {
    codes: /^(390422|390432)$/,
    text: /not allowed to access Snowflake|network policy/i,
    step: 'network policy',
    remedy: networkPolicy,
  },
  {
    codes: /^390100$/,
    step: 'user',
    remedy: ({ user }) =>
      `Snowflake says no more on purpose: see that user ${user} is there, not disabled, and of a TYPE that this credential is for.`,
  },
]

/** `message` is what the gateway makes of Snowflake's answer. */
export function loginFailure(message: string, facts: LoginFacts): LoginFailure {
  const code = /\(code (\d{1,6})\)/.exec(message)?.[1] ?? ''
  const found =
    table.find(({ codes }) => codes.test(code)) ?? table.find(({ text }) => text?.test(message))
  return found === undefined
    ? { step: 'login', remedy: 'Snowflake’s LOGIN_HISTORY of the user has the reason.' }
    : { step: found.step, remedy: found.remedy(facts) }
}
