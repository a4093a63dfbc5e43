// Downloads one result by snowflake-sdk, in turn from each address: node download.mjs PLAN.json
// Prints the milliseconds of each round as JSON.
import { readFileSync } from 'node:fs'

import snowflake from 'snowflake-sdk'

snowflake.configure({ logLevel: 'OFF', additionalLogToConsole: false })
const { sides, sql, rounds, rows } = JSON.parse(readFileSync(process.argv[2], 'utf8'))

const connections = []
for (const { url, token } of sides) {
  const connection = snowflake.createConnection({
    accessUrl: url,
    account: 'acme-demo',
    authenticator: 'OAUTH',
    token,
  })
  await new Promise((resolve, reject) =>
    connection.connect((error) => (error ? reject(error) : resolve())),
  )
  connections.push(connection)
}

function download(connection) {
  return new Promise((resolve, reject) =>
    connection.execute({
      sqlText: sql,
      complete: (error, _statement, found) => {
        if (error) reject(error)
        else if (found.length !== rows) reject(new Error(`${found.length} rows came`))
        else resolve()
      },
    }),
  )
}

for (let round = 0; round <= rounds; round += 1) {
  const times = []
  for (const connection of connections) {
    const since = performance.now()
    await download(connection)
    times.push(performance.now() - since)
  }
  if (round > 0) console.log(JSON.stringify(times))
}
process.exit(0)
