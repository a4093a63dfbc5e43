import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { DirectoryStore } from '../../../operator/store/directory-store.ts'
import { readKeyPair } from '../../../operator/store/key-pair.ts'
import { formatProblem } from '../../../operator/store/problem.ts'
import { valid, withFolder } from '../compile/folder.ts'

const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const pem = privateKey.export({ type: 'pkcs8', format: 'pem' })
const encrypted = privateKey.export({
  type: 'pkcs8',
  format: 'pem',
  cipher: 'aes-256-cbc',
  passphrase: 'opensesame',
})
const small = generateKeyPairSync('rsa', { modulusLength: 1024 }).privateKey
const curve = generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey
const pss = generateKeyPairSync('rsa-pss', { modulusLength: 2048 }).privateKey
const exported = (key: typeof privateKey) => key.export({ type: 'pkcs8', format: 'pem' })

/** The key pair of `valid` with a Secret of these fields, in the namespace and under the name given. */
async function readWith(fields: object, name = 'acme-key', namespace = 'frostgate') {
  const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace }, ...fields }
  return withFolder({ ...valid, 'secret.yaml': JSON.stringify(secret) }, async (directory) => {
    const read = await new DirectoryStore(directory).read()
    if ('problems' in read) throw new Error(JSON.stringify(read.problems))
    const [connection] = read.objects.connections
    if (connection === undefined) throw new Error('no connection')
    const result = readKeyPair(read.objects, connection.object)
    return 'problem' in result
      ? formatProblem(result.problem).replaceAll(`${directory}/`, '')
      : result.privateKey
  })
}

describe('The key of a connection', () => {
  test.each([
    ['plain text', { stringData: { privateKey: pem } }],
    ['base64', { data: { privateKey: Buffer.from(pem).toString('base64') } }],
    ['an encrypted key', { stringData: { privateKey: encrypted, passphrase: 'opensesame' } }],
    ['stringData over data', { data: { privateKey: 'eA==' }, stringData: { privateKey: pem } }],
  ])('is read from its Secret: %s', async (_, fields) => {
    const key = await readWith(fields)
    if (typeof key === 'string') throw new Error(key)
    expect(key.equals(privateKey)).toBe(true)
  })

  test.each([
    ['no key', { stringData: { key: pem } }, /privateKey: is missing/],
    ['no PEM', { stringData: { privateKey: 'hunter2' } }, /is not a private key/],
    ['no passphrase', { stringData: { privateKey: encrypted } }, /passphrase does not open it/],
    ['a short key', { stringData: { privateKey: exported(small) } }, /2048 bits or more/],
    ['a key for RSA-PSS only', { stringData: { privateKey: exported(pss) } }, /RSA key/],
    ['a curve', { stringData: { privateKey: exported(curve) } }, /RSA key/],
  ])('is refused without showing it: %s', async (_, fields, message) => {
    const problem = await readWith(fields)
    expect(problem).toMatch(message)
    expect(problem).not.toMatch(/hunter2|BEGIN|opensesame/)
  })

  test.each([
    ['of another name', 'other-key', 'frostgate'],
    ['in another namespace', 'acme-key', 'other'],
  ])('is not taken from a Secret %s', async (_, name, namespace) => {
    expect(await readWith({ stringData: { privateKey: pem } }, name, namespace)).toBe(
      'connection.yaml:11:29 spec.credential.keyPair.secretRef.name: there is no Secret "acme-key" in namespace "frostgate". Add it, with the key in PKCS#8 PEM under stringData.privateKey.',
    )
  })
})
