// One statement by snowflake-sdk: HOST PORT TOKEN SQL. Prints the rows, or the error, as JSON.
import snowflake from 'snowflake-sdk'

snowflake.configure({ logLevel: 'OFF', additionalLogToConsole: false })

const [host, port, token, sqlText] = process.argv.slice(2)
const connection = snowflake.createConnection({
  accessUrl: `http://${host}:${port}`,
  account: 'acme-demo',
  authenticator: 'OAUTH',
  token,
})
await new Promise((resolve, reject) => {
  connection.connect((error) => (error ? reject(error) : resolve()))
})
const answer = await new Promise((resolve) => {
  connection.execute({
    sqlText,
    complete: (error, _statement, rows) => {
      resolve(error ? { error: error.message } : { rows })
    },
  })
})
process.stdout.write(`${JSON.stringify(answer)}\n`)
await new Promise((resolve) => {
  connection.destroy(resolve)
})
