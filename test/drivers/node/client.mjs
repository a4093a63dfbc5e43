// Runs the statements of a plan with snowflake-sdk, as any program would.
//
//   node client.mjs PLAN.json
//
// Prints one JSON line for each login and each statement. It judges nothing.
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import snowflake from 'snowflake-sdk'

snowflake.configure({ logLevel: 'OFF', additionalLogToConsole: false })
const plan = JSON.parse(readFileSync(process.argv[2], 'utf8'))

/** How the token is handed over. */
const ways = {
  token: ({ token }) => ({ authenticator: 'OAUTH', token }),
  password: ({ token }) => ({ username: 'agent', password: token }),
  tokenFile: ({ tokenFile }) => ({ authenticator: 'OAUTH', tokenFilePath: tokenFile }),
}

const json = new Set(['variant', 'object', 'array'])

/** Null for NULL, else text: numbers without trailing zeros, times in UTC, JSON with sorted keys. */
function cell(value, type) {
  if (value === null || value === undefined) return null
  if (json.has(type)) return JSON.stringify(sorted(value))
  if (Buffer.isBuffer(value)) return value.toString('hex').toUpperCase()
  if (type === 'date') return value.toISOString().slice(0, 10)
  if (type.startsWith('timestamp')) return value.toISOString()
  return String(value)
}

function sorted(value) {
  if (Array.isArray(value)) return value.map(sorted)
  if (value === null || typeof value !== 'object') return value
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return Object.fromEntries(entries.map(([key, item]) => [key, sorted(item)]))
}

function checksum(rows) {
  const digest = createHash('sha256')
  for (const row of rows) digest.update(`${row.map((text) => text ?? '').join('|')}\n`)
  return [String(rows.length), digest.digest('hex')]
}

function failure({ name, code, sqlState, message }) {
  return { error: { type: name, code: code ?? null, sqlState: sqlState ?? null, message } }
}

function execute(connection, { sql, binds, operation }) {
  return new Promise((resolve) => {
    connection.execute({
      sqlText: sql,
      rowMode: 'array',
      ...(binds === undefined ? {} : { binds }),
      ...(operation === 'describe' ? { describeOnly: true } : {}),
      complete: (error, statement, given) => {
        if (error) return resolve(failure(error))
        const columns = statement
          .getColumns()
          .map((column) => ({ name: column.getName(), type: column.getType() }))
        const rows = (given ?? []).map((row) =>
          row.map((value, index) => cell(value, columns[index].type)),
        )
        resolve({ columns, rows: operation === 'checksum' ? [checksum(rows)] : rows })
      },
    })
  })
}

async function run(connection, check) {
  if (check.operation !== 'wait') return await execute(connection, check)
  await delay(check.seconds * 1000)
  return { columns: [], rows: [] }
}

function report(check, started, answer) {
  const milliseconds = Math.round(performance.now() - started)
  console.log(JSON.stringify({ check, milliseconds, ...answer }))
}

const settled = (start) =>
  new Promise((resolve) => {
    start((error) => resolve(error ? failure(error) : { columns: [], rows: [] }))
  })

for (const login of plan.logins) {
  const connection = snowflake.createConnection({
    accessUrl: `http://${plan.host}:${plan.port}`,
    account: 'acme-demo',
    // Else NULL in a column that it hands out as text is the text 'NULL'.
    representNullAsStringNull: false,
    ...ways[login.by](login),
  })
  let started = performance.now()
  const opened = await settled((done) => connection.connect(done))
  report(login.name, started, opened)
  if (opened.error) continue
  for (const check of login.checks) {
    started = performance.now()
    report(check.name, started, await run(connection, check))
  }
  started = performance.now()
  report(`${login.name}: close`, started, await settled((done) => connection.destroy(done)))
}
