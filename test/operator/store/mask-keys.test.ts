import { describe, expect, test } from 'vitest'
import { compileDirectory } from '../../../operator/compile/directory.ts'
import { readMaskKeys } from '../../../operator/store/mask-keys.ts'
import { formatProblem } from '../../../operator/store/problem.ts'
import { changed, withFolder } from '../compile/folder.ts'

const hash = 'hash: { key: { secretRef: { name: k }, inStatements: Allow } }'
const files = changed('masking.yaml', 'partial:\n      keepLast: 4', hash)
const bytes = Buffer.from(Array.from({ length: 32 }, (_, index) => 200 + index))

/** The keys of `files` with a Secret of these fields; what is said if they cannot be read. */
async function readWith(fields: object, name = 'k', namespace = 'frostgate') {
  const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace }, ...fields }
  const all = { ...files, 'secret.yaml': JSON.stringify(secret) }
  return withFolder(all, async (directory) => {
    const compiled = await compileDirectory(directory)
    if ('problems' in compiled) throw new Error(JSON.stringify(compiled.problems))
    const read = readMaskKeys(compiled.objects, compiled.bundle.masks)
    return 'keys' in read
      ? read.keys
      : read.problems.map(formatProblem).map((line) => line.replaceAll(`${directory}/`, ''))
  })
}

describe('The key of a mask', () => {
  test.each([
    ['base64', { data: { key: bytes.toString('base64') } }, bytes],
    ['text', { stringData: { key: 'x'.repeat(32) } }, Buffer.from('x'.repeat(32))],
    [
      'text over base64',
      { data: { key: 'eA==' }, stringData: { key: 'x'.repeat(40) } },
      Buffer.from('x'.repeat(40)),
    ],
    ['a Secret of type Opaque', { type: 'Opaque', data: { key: bytes.toString('base64') } }, bytes],
  ])('is read from its Secret, byte for byte: %s', async (_, fields, expected) => {
    expect(await readWith(fields)).toEqual(new Map([['k', expected]]))
  })

  test.each([
    ['no key', { stringData: { password: 'hunter2'.repeat(9) } }, 'is missing'],
    ['31 bytes', { stringData: { key: 'hunter2'.repeat(4) + 'abc' } }, 'is shorter than 32 bytes'],
    [
      'another type',
      { type: 'kubernetes.io/tls', stringData: { key: 'hunter2'.repeat(9) } },
      'not of type Opaque',
    ],
  ])('is refused without showing it: %s', async (_, fields, message) => {
    const said = JSON.stringify(await readWith(fields))
    expect(said).toContain(message)
    expect(said).not.toContain('hunter2')
  })

  test.each([
    ['another name', 'l', 'frostgate'],
    ['another namespace', 'k', 'other'],
  ])('is not taken from a Secret of %s', async (_, name, namespace) => {
    const said = await readWith({ stringData: { key: 'x'.repeat(32) } }, name, namespace)
    expect(said).toEqual([
      'masking.yaml:9:33 spec.mask.hash.key.secretRef.name: there is no Secret "k" in namespace "frostgate". Add it, with 32 random bytes or more under "key". Make one with "openssl rand -base64 32".',
    ])
  })
})
