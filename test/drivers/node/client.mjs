// Runs the statements of a plan with snowflake-sdk, as any program would.
//
//   node client.mjs PLAN.json
//
// Prints one JSON line for each login and each statement. It judges nothing.
import { readFileSync } from 'node:fs'

import snowflake from 'snowflake-sdk'

import { operations } from './operations.mjs'

snowflake.configure({ logLevel: 'OFF', additionalLogToConsole: false })
const plan = JSON.parse(readFileSync(process.argv[2], 'utf8'))

/** How the token is handed over. */
const ways = {
  token: ({ token }) => ({ authenticator: 'OAUTH', token }),
  password: ({ token }) => ({ username: 'agent', password: token }),
  tokenFile: ({ tokenFile }) => ({ authenticator: 'OAUTH', tokenFilePath: tokenFile }),
  pat: ({ token }) => ({ authenticator: 'PROGRAMMATIC_ACCESS_TOKEN', token }),
  workloadIdentity: ({ token }) => ({
    authenticator: 'WORKLOAD_IDENTITY',
    workloadIdentityProvider: 'OIDC',
    token,
  }),
}

function failure({ name, code, sqlState, message }) {
  return { error: { type: name, code: code ?? null, sqlState: sqlState ?? null, message } }
}

/** Prints what came of `work`; false if it failed. */
async function report(check, work) {
  const started = performance.now()
  const answer = await work().catch(failure)
  const milliseconds = Math.round(performance.now() - started)
  console.log(JSON.stringify({ check, milliseconds, ...answer }))
  return answer.error === undefined
}

const settled = (start) =>
  new Promise((resolve, reject) => {
    start((error) => (error ? reject(error) : resolve({ columns: [], rows: [] })))
  })

for (const login of plan.logins) {
  const connection = snowflake.createConnection({
    accessUrl: `http://${plan.host}:${plan.port}`,
    account: 'acme-demo',
    // Else NULL in a column that it hands out as text is the text 'NULL'.
    representNullAsStringNull: false,
    ...ways[login.by](login),
  })
  // connectAsync: the other one cannot hand over a workload identity. It tells the callback only.
  const opened = await report(login.name, () => settled((done) => connection.connectAsync(done)))
  if (!opened) continue
  for (const check of login.checks) {
    await report(check.name, async () => await operations[check.operation](connection, check))
  }
  await report(`${login.name}: close`, () => settled((done) => connection.destroy(done)))
}
