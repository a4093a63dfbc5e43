// Makes the gateway's key pair once: a Secret for the gateway, the public half for the warehouse.
//
//   node keys.mjs FOLDER
import { generateKeyPairSync } from 'node:crypto'
import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const [folder] = process.argv.slice(2)
const secret = join(folder, 'secret.yaml')
if (!existsSync(secret)) {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', {
    modulusLength: 2048,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  })
  const lines = [
    'apiVersion: v1',
    'kind: Secret',
    'metadata:',
    '  name: compose-key',
    'stringData:',
    '  privateKey: |',
    ...privateKey
      .trim()
      .split('\n')
      .map((line) => `    ${line}`),
  ]
  writeFileSync(join(folder, 'key.pub'), publicKey)
  // Last: where it is, all is.
  writeFileSync(secret, `${lines.join('\n')}\n`, { mode: 0o400 })
}
