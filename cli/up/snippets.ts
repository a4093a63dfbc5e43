/** What to paste to connect: the drivers' own settings, and a token file. */

import type { Bundle } from '../../sidecar/control/bundle.ts'

export function connectionSnippets(
  { connection, policies }: Bundle,
  gateway: string,
  issuer: string | null,
): readonly string[] {
  const { hostname, port } = new URL(gateway)
  const group =
    policies.flatMap(({ subjects }) => subjects.flatMap(({ groups }) => groups ?? []))[0] ?? 'GROUP'
  const token =
    issuer === null
      ? ['# Put an OIDC token of your identity provider into the file "token".']
      : [`npm run -s frostgate -- token --group ${group} --issuer ${issuer} > token`]
  return [
    'A token:',
    ...token.map((line) => `  ${line}`),
    '',
    'Python (snowflake-connector-python):',
    '  import snowflake.connector',
    `  connection = snowflake.connector.connect(host="${hostname}", port=${port}, protocol="http", account="${connection.account}",`,
    '                                           authenticator="oauth", token=open("token").read().strip())',
    '  print(connection.cursor().execute("SELECT 1").fetchall())',
    '',
    'Node (snowflake-sdk):',
    "  import { readFileSync } from 'node:fs'",
    "  import snowflake from 'snowflake-sdk'",
    `  const connection = snowflake.createConnection({ accessUrl: '${gateway}', account: '${connection.account}',`,
    "    authenticator: 'OAUTH', token: readFileSync('token', 'utf8').trim() })",
    "  connection.connect(() => connection.execute({ sqlText: 'SELECT 1', complete: (error, _, rows) => console.log(error ?? rows) }))",
    '',
  ]
}
