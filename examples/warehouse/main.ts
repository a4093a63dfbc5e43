import { generateKeyPairSync } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { parseFaultScript } from './http/fault-script.ts'
import { startWarehouse } from './warehouse.ts'

const usage = `Starts a Snowflake-compatible server on DuckDB with synthetic data, on 127.0.0.1.

  node examples/warehouse/main.ts [--port N] [--account NAME] [--user NAME] [--role NAME]
                                  (--public-key FILE.pem | --new-key FILE.pem | --token TOKEN)
                                  [--faults FILE.json]

  --public-key   the user's public key (SPKI, PEM), read again at each login
  --public-key-2 a second one, as while a key is rotated; the file may be missing
  --new-key      make a key pair and write the private key (PKCS#8, PEM) to this new file
  --role         may be given several times; the first is the default
  --token        a token of the user's, taken as OAuth token, programmatic access token or password
  --faults       a fault script (JSON): how the server shall misbehave, for tests of a client

As a pod, reached by other pods over TLS:

  --listen ADDRESS --tls-cert FILE --tls-key FILE --public-name HOST [--storage-port N]
`

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '0' },
    'storage-port': { type: 'string', default: '0' },
    listen: { type: 'string', default: '127.0.0.1' },
    'tls-cert': { type: 'string' },
    'tls-key': { type: 'string' },
    'public-name': { type: 'string' },
    account: { type: 'string', default: 'ACME' },
    user: { type: 'string', default: 'FROSTGATE_AGENTS' },
    role: { type: 'string', multiple: true, default: ['AGENT_READER'] },
    'public-key': { type: 'string' },
    'public-key-2': { type: 'string' },
    'new-key': { type: 'string' },
    token: { type: 'string', multiple: true },
    faults: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
})

/** The public key to register; with `--new-key` the private half goes to a file only its owner reads. */
function publicKey(): (() => string) | undefined {
  const file = values['public-key']
  if (file !== undefined) return () => readFileSync(file, 'utf8')
  if (values['new-key'] === undefined) return undefined
  const pair = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  })
  writeFileSync(values['new-key'], pair.privateKey, { mode: 0o600, flag: 'wx' })
  return () => pair.publicKey
}

/** A mounted Secret may come to hold a second key later. */
function secondKey(): { readonly publicKey2Pem?: string } {
  const file = values['public-key-2']
  return file !== undefined && existsSync(file) ? { publicKey2Pem: readFileSync(file, 'utf8') } : {}
}

const key = values.help ? undefined : publicKey()
const [cert, tlsKey] = [values['tls-cert'], values['tls-key']]
if (key === undefined && values.token === undefined) {
  process.stdout.write(usage)
  process.exitCode = values.help ? 0 : 2
} else {
  const warehouse = await startWarehouse({
    port: Number(values.port),
    storagePort: Number(values['storage-port']),
    address: values.listen,
    ...(values['public-name'] === undefined ? {} : { publicName: values['public-name'] }),
    ...(cert === undefined || tlsKey === undefined
      ? {}
      : { tls: { cert: readFileSync(cert, 'utf8'), key: readFileSync(tlsKey, 'utf8') } }),
    account: values.account,
    onSession: (what, id) => {
      process.stdout.write(`session ${id} ${what}\n`)
    },
    ...(values.faults === undefined
      ? {}
      : { faults: parseFaultScript(readFileSync(values.faults, 'utf8')) }),
    users: () => [
      {
        name: values.user,
        ...(key === undefined ? {} : { publicKeyPem: key() }),
        ...secondKey(),
        ...(values.token === undefined ? {} : { tokens: values.token }),
        defaultRole: values.role[0] ?? '',
        roles: values.role,
        defaultWarehouse: 'AGENT_WH',
      },
    ],
  })
  process.stdout.write(`${warehouse.url}\n`)
  const stop = (): void => {
    void warehouse.close()
  }
  process.once('SIGINT', stop)
  process.once('SIGTERM', stop)
}
