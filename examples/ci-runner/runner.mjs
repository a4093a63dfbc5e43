// A CI step, as somebody else wrote it: plain snowflake-sdk, configured by its environment alone.
//
//   node runner.mjs SQL …
//
// Prints one JSON line for each statement: {"sql", "columns", "rows", "total"} or {"sql", "error"}.
// With RUNNER_SECONDS it runs the statements over and over for that long, each time in a session of
// its own, and prints a summary as its last line; RUNNER_PAUSE_MS is a pause after each statement. A
// refusal is an answer: the exit code is 0 unless the driver could not log in.
import { readFileSync } from 'node:fs'
import snowflake from 'snowflake-sdk'

snowflake.configure({ logLevel: 'OFF', additionalLogToConsole: false })

const { SNOWFLAKE_PROTOCOL, SNOWFLAKE_HOST, SNOWFLAKE_PORT, SNOWFLAKE_ACCOUNT } = process.env
const statements = process.argv.slice(2)
const pause = Number(process.env.RUNNER_PAUSE_MS ?? 0)
const until = Date.now() + Number(process.env.RUNNER_SECONDS ?? 0) * 1000

function connect() {
  const connection = snowflake.createConnection({
    accessUrl: `${SNOWFLAKE_PROTOCOL}://${SNOWFLAKE_HOST}:${SNOWFLAKE_PORT}`,
    account: SNOWFLAKE_ACCOUNT,
    authenticator: 'OAUTH',
    // Kubernetes renews the file: it is read at each login.
    token: readFileSync(process.env.SNOWFLAKE_TOKEN_FILE_PATH, 'utf8').trim(),
  })
  return new Promise((resolve, reject) => {
    connection.connect((error) => (error ? reject(error) : resolve(connection)))
  })
}

function describe(error) {
  return { code: String(error.code), sqlState: error.sqlState ?? null, message: error.message }
}

function execute(connection, sqlText) {
  return new Promise((resolve) => {
    connection.execute({
      sqlText,
      complete: (error, statement, rows) => {
        if (error) resolve({ sql: sqlText, error: describe(error) })
        else {
          const columns = statement.getColumns().map((column) => column.getName())
          resolve({ sql: sqlText, columns, rows: rows.slice(0, 5), total: rows.length })
        }
      },
    })
  })
}

const summary = { sessions: 0, statements: 0, errors: 0 }
do {
  let connection
  try {
    connection = await connect()
  } catch (error) {
    console.log(JSON.stringify({ sql: null, error: describe(error) }))
    process.exit(2)
  }
  summary.sessions += 1
  for (const sql of statements) {
    const answer = await execute(connection, sql)
    summary.statements += 1
    if ('error' in answer) summary.errors += 1
    if (summary.sessions === 1 || 'error' in answer) console.log(JSON.stringify(answer))
    if (pause > 0) await new Promise((resolve) => setTimeout(resolve, pause))
  }
  await new Promise((resolve) => connection.destroy(resolve))
} while (Date.now() < until)
if (Number(process.env.RUNNER_SECONDS ?? 0) > 0) console.log(JSON.stringify({ summary }))
