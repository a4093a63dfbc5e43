// An agent, as somebody else wrote it: plain snowflake-sdk, one OIDC token, nothing of Frostgate.
//
//   SNOWFLAKE_HOST=127.0.0.1 SNOWFLAKE_PORT=8085 SNOWFLAKE_TOKEN_FILE=token node agent.mjs [SQL …]
//
// Prints one JSON line for each statement: {"sql", "columns", "rows", "total"} or {"sql", "error"}.
import { readFileSync } from 'node:fs'
import snowflake from 'snowflake-sdk'

snowflake.configure({ logLevel: 'OFF', additionalLogToConsole: false })

const statements = process.argv.slice(2)
const connection = snowflake.createConnection({
  accessUrl: `http://${process.env.SNOWFLAKE_HOST}:${process.env.SNOWFLAKE_PORT}`,
  account: process.env.SNOWFLAKE_ACCOUNT ?? 'acme-demo',
  authenticator: 'OAUTH',
  token: readFileSync(process.env.SNOWFLAKE_TOKEN_FILE, 'utf8').trim(),
})

function describe(error) {
  return { code: String(error.code), sqlState: error.sqlState ?? null, message: error.message }
}

function execute(sqlText) {
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

try {
  await new Promise((resolve, reject) => {
    connection.connect((error) => (error ? reject(error) : resolve()))
  })
} catch (error) {
  console.log(JSON.stringify({ sql: null, error: describe(error) }))
  process.exit(2)
}
for (const sql of statements) console.log(JSON.stringify(await execute(sql)))
await new Promise((resolve) => connection.destroy(resolve))
