import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { CompiledMask } from '../../../sidecar/control/bundle.ts'
import { keySecretsOf, loadMaskKeys, maskKeyId } from '../../../sidecar/control/mask-keys.ts'

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'frostgate-keys-'))
  await writeFile(join(folder, 'long'), Buffer.alloc(32, 255))
  await writeFile(join(folder, 'short'), 'hunter2')
})
afterAll(() => rm(folder, { recursive: true }))

const mask = (method: CompiledMask['method']): CompiledMask => ({
  name: 'm', namespace: 'n', columns: [], tags: [], subjects: [], exceptFor: [], usage: 'Strict', method,
}) // prettier-ignore
const hash = (secretName: string, keyId?: string) =>
  mask({ kind: 'hash', key: { kind: 'inStatement', secretName, keyId } })
const byFunction = mask({
  kind: 'hash',
  key: { kind: 'function', database: 'D', schema: 'S', name: 'F' },
})

describe('The folder of keys', () => {
  test('is read for the Secrets that masks name, once each, as bytes', async () => {
    const masks = [hash('long'), hash('long'), byFunction, mask({ kind: 'redact' })]
    expect(keySecretsOf(masks)).toEqual(['long'])
    const keys = await loadMaskKeys(folder, masks)
    expect([...keys.keys()]).toEqual(['long'])
    expect(keys.get('long')).toEqual(Buffer.alloc(32, 255))
  })

  test('is not needed where no mask has such a key', async () => {
    expect(await loadMaskKeys(undefined, [byFunction])).toEqual(new Map())
  })

  test.each([
    ['short', /shorter than 32 bytes/],
    ['absent', /ENOENT/],
    ['../long', /is not the name of a Secret/],
  ])('refuses %s, and shows nothing of it', async (name, message) => {
    await expect(loadMaskKeys(folder, [hash(name)])).rejects.toThrow(message)
    await expect(loadMaskKeys(folder, [hash(name)])).rejects.not.toThrow(/hunter2/)
  })

  test('must hold the very key that the masks were compiled for, where they say which', async () => {
    const id = maskKeyId(Buffer.alloc(32, 255))
    expect(id).toMatch(/^[0-9a-f]{16}$/)
    expect((await loadMaskKeys(folder, [hash('long', id)])).size).toBe(1)
    const other = maskKeyId(Buffer.alloc(32, 254))
    await expect(loadMaskKeys(folder, [hash('long', id), hash('long', other)])).rejects.toThrow(
      /is not the one of Secret "long" that the bundle was compiled with/,
    )
  })

  test('has to be set where a mask needs it', async () => {
    await expect(loadMaskKeys(undefined, [hash('long')])).rejects.toThrow(/Set FROSTGATE_MASK_KEYS/)
  })
})
