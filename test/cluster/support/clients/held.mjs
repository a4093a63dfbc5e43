// A client of snowflake-sdk that takes its statements from a test, one JSON line each, over TCP:
//
//   node held.mjs HOST PORT NAME
//
// {"id", "sql", "cancelAfterMs"?} is run in a session of its own, beside all others, and answered by
// {"id", "rows"} or {"id", "error": {"code", "message"}}, with the milliseconds that it took.
import { readFileSync } from 'node:fs'
import { connect as dial } from 'node:net'
import { createInterface } from 'node:readline'

import snowflake from 'snowflake-sdk'

snowflake.configure({ logLevel: 'OFF', additionalLogToConsole: false })

const { SNOWFLAKE_PROTOCOL, SNOWFLAKE_HOST, SNOWFLAKE_PORT, SNOWFLAKE_ACCOUNT } = process.env
const [host, port, name] = process.argv.slice(2)

function connect() {
  const connection = snowflake.createConnection({
    accessUrl: `${SNOWFLAKE_PROTOCOL}://${SNOWFLAKE_HOST}:${SNOWFLAKE_PORT}`,
    account: SNOWFLAKE_ACCOUNT,
    authenticator: 'OAUTH',
    token: readFileSync(process.env.SNOWFLAKE_TOKEN_FILE_PATH, 'utf8').trim(),
  })
  return new Promise((resolve, reject) => {
    connection.connect((error) => (error ? reject(error) : resolve(connection)))
  })
}

async function rowsOf({ sql, cancelAfterMs }) {
  const connection = await connect()
  try {
    return await new Promise((resolve, reject) => {
      const statement = connection.execute({
        sqlText: sql,
        rowMode: 'array',
        complete: (error, _, rows) => (error ? reject(error) : resolve(rows)),
      })
      if (cancelAfterMs !== undefined) setTimeout(() => statement.cancel(), cancelAfterMs)
    })
  } finally {
    await new Promise((resolve) => connection.destroy(resolve))
  }
}

const socket = dial(Number(port), host)
socket.write(`${JSON.stringify({ client: name })}\n`)
socket.on('error', () => process.exit(1))
socket.on('close', () => process.exit(0))
createInterface({ input: socket }).on('line', async (line) => {
  const asked = JSON.parse(line)
  const started = performance.now()
  const outcome = await rowsOf(asked).then(
    (rows) => ({ rows: rows.map((row) => row.map(String)) }),
    (error) => ({ error: { code: String(error.code), message: error.message } }),
  )
  const ms = Math.round(performance.now() - started)
  socket.write(`${JSON.stringify({ id: asked.id, ms, ...outcome })}\n`)
})
