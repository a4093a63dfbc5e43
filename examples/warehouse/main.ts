import { generateKeyPairSync } from 'node:crypto'
import { readFileSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { startWarehouse } from './warehouse.ts'

const usage = `Starts a Snowflake-compatible server on DuckDB with synthetic data, on 127.0.0.1.

  node examples/warehouse/main.ts [--port N] [--account NAME] [--user NAME] [--role NAME]
                                  (--public-key FILE.pem | --new-key FILE.pem)

  --public-key  the user's public key (SPKI, PEM)
  --new-key     make a key pair and write the private key (PKCS#8, PEM) to this new file
`

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '0' },
    account: { type: 'string', default: 'ACME' },
    user: { type: 'string', default: 'FROSTGATE_AGENTS' },
    role: { type: 'string', default: 'AGENT_READER' },
    'public-key': { type: 'string' },
    'new-key': { type: 'string' },
    help: { type: 'boolean', default: false },
  },
})

/** The public key to register; with `--new-key` the private half goes to a file only its owner reads. */
function publicKey(): string | undefined {
  if (values['public-key'] !== undefined) return readFileSync(values['public-key'], 'utf8')
  if (values['new-key'] === undefined) return undefined
  const pair = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  })
  writeFileSync(values['new-key'], pair.privateKey, { mode: 0o600, flag: 'wx' })
  return pair.publicKey
}

const key = values.help ? undefined : publicKey()
if (key === undefined) {
  process.stdout.write(usage)
  process.exitCode = values.help ? 0 : 2
} else {
  const warehouse = await startWarehouse({
    port: Number(values.port),
    account: values.account,
    users: [
      {
        name: values.user,
        publicKeyPem: key,
        defaultRole: values.role,
        roles: [values.role],
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
