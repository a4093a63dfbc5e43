/** What code in an agent's container does: logs in at the gateway, looks round, listens. */

import { isObject, type JsonObject } from '../../../sidecar/json.ts'
import type { Kubectl } from '../kubectl.ts'

export interface Place {
  readonly namespace: string
  readonly pod: string
}

export interface GatewayAnswer {
  readonly loggedIn: boolean
  readonly success: boolean
  readonly message: string
  readonly rows: unknown
}

const driver = `
const post = async (path, body, token) => {
  const authorization = token === undefined ? {} : { authorization: 'Snowflake Token="' + token + '"' }
  const headers = { 'content-type': 'application/json', ...authorization }
  const response = await fetch('http://127.0.0.1:8085' + path, { method: 'POST', headers, body: JSON.stringify(body) })
  return response.json()
}
const [token, sqlText] = process.argv.slice(1)
const client = { CLIENT_APP_ID: 'JavaScript', CLIENT_APP_VERSION: '3.3.0', ACCOUNT_NAME: 'acme' }
const login = await post('/session/v1/login-request', { data: { ...client, AUTHENTICATOR: 'OAUTH', TOKEN: token } })
const path = '/queries/v1/query-request?requestId=' + crypto.randomUUID()
const answer = login.success ? await post(path, { sqlText, asyncExec: false, describeOnly: false }, login.data.token) : login
const { success, message, data } = answer
console.log(JSON.stringify({ loggedIn: login.success, success, message: message ?? '', rows: data?.rowset ?? null }))
`

export const sql = 'SELECT id, ssn FROM health.phi.patients ORDER BY id LIMIT 2'

/** Logs in with a token at the gateway of a pod, from within its container \`agent\`, and asks for rows. */
export async function askGateway(
  kubectl: Kubectl,
  { namespace, pod }: Place,
  token: string,
): Promise<GatewayAnswer> {
  return (await runScript(
    kubectl,
    { namespace, pod },
    driver,
    token,
    sql,
  )) as unknown as GatewayAnswer
}

/** Runs an ES module in the container; resolves to the one JSON object that it prints. */
export async function runScript(
  kubectl: Kubectl,
  { namespace, pod }: Place,
  script: string,
  ...args: readonly string[]
): Promise<JsonObject> {
  const command = ['node', '--input-type=module', '-e', script, ...args]
  const text = await kubectl.exec(pod, 'agent', namespace, command)
  const value: unknown = JSON.parse(text)
  if (!isObject(value)) throw new Error(`not an object: ${text}`)
  return value
}

export async function readFileOf(
  kubectl: Kubectl,
  { namespace, pod }: Place,
  path: string,
): Promise<string> {
  return (await kubectl.exec(pod, 'agent', namespace, ['cat', path])).trim()
}

/** Tries the gateway's ports again and again; says in its log what became of each. */
export const portThief = `
const { createServer } = require('node:net')
for (const [port, host] of [[8085, '127.0.0.1'], [9085, '0.0.0.0']])
  createServer().on('error', (error) => console.log(port, error.code)).listen(port, host, () => console.log(port, 'taken'))
setInterval(() => undefined, 1000)
process.on('SIGTERM', () => process.exit())
`

/** Pretends to be the broker and Snowflake; prints every request that reaches it. */
export const impostor = `
const { createServer } = require('node:https')
const tls = { cert: process.env.CERTIFICATE, key: process.env.KEY }
for (const port of [443, 8443])
  createServer(tls, (request, response) => {
    console.log('REQUEST', port, request.method, request.url, JSON.stringify(request.headers))
    response.end('{}')
  }).on('tlsClientError', (error) => console.log('refused', port, error.code)).listen(port, () => console.log('listens', port))
process.on('SIGTERM', () => process.exit())
`
