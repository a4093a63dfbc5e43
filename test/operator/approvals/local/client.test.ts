import { chmod, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { describe, expect, test } from 'vitest'

import { openLocalApprovals } from '../../../../operator/approvals/local/client.ts'
import {
  approverKeyPath,
  createPersonKey,
  readPersonKey,
} from '../../../../operator/approvals/local/keys.ts'
import { digest, key, name, place, request } from './place.ts'

async function asked() {
  const at = await place()
  const ann = await at.person('ann')
  await at.list(ann)
  const store = await at.store()
  await store.createRequest(request())
  return { at, ann, store, decision: { name, digest, verdict: 'Approve', key: ann } as const }
}

describe('a person with a folder of approvals', () => {
  test('sees requests in the order in which they were made, with their decisions', async () => {
    const { at, store, decision } = await asked()
    await store.createRequest({ ...request(), metadata: { name: 'a-later-one', namespace: 'frostgate' } }) // prettier-ignore
    await at.client().decide(decision)
    const { requests, problems } = await at.client().list()
    expect(requests.map((each) => each.request.metadata.name)).toEqual([name, 'a-later-one'])
    expect(requests.map(({ decisions }) => decisions.length)).toEqual([1, 0])
    expect(problems).toEqual([])
  })

  test('sees no decision that nobody listed has signed', async () => {
    const { at, decision } = await asked()
    const mallory = await at.person('mallory')
    const unchecked = openLocalApprovals(at.folder)
    expect((await unchecked.decide({ ...decision, key: mallory })).taken).toBe(true)
    expect((await unchecked.request(name))?.decisions).toHaveLength(1)
    const { requests, problems } = await at.client().list()
    expect(requests[0]?.decisions).toEqual([])
    expect(problems[0]?.message).toContain('of whom the configuration names no key')
  })

  test('is told at once what would not count', async () => {
    const { at, store, decision } = await asked()
    const client = at.client()
    const why = async (change: object, of = client): Promise<string> => {
      const taken = await of.decide({ ...decision, ...change })
      return taken.taken ? 'taken' : taken.why
    }
    expect(await why({ name: 'nothing' })).toContain('There is no request "nothing"')
    expect(await why({ name: '../x' })).toContain('There is no request')
    expect(await why({ digest: `sha256:${'00'.repeat(32)}` })).toContain('another statement')
    expect(await why({ verdict: 'Deny' })).toContain('needs a reason')
    expect(await why({ reason: 'x'.repeat(1025) })).toContain('The decision')
    expect(await why({ key: await at.person('bob') })).toContain('names no key of "bob"')
    expect(await why({ key: await at.person('ann') })).toContain('names another key of "ann"')
    const late = openLocalApprovals(at.folder, at.configuration, { now: () => Date.now() + 3.6e6 })
    expect(await why({}, late)).toContain('has expired')
    const read = store.request(key)
    if (read) await store.writeStatus(read, { phase: 'Withdrawn' })
    expect(await why({})).toContain('is Withdrawn')
    expect(await at.decisionFiles()).toEqual([])
  })

  test('is told that a decision could not be written', async () => {
    const { at, decision } = await asked()
    const full = Object.assign(new Error('full'), { code: 'ENOSPC' })
    const writer = { create: () => Promise.reject(full), replace: () => Promise.reject(full) }
    const client = openLocalApprovals(at.folder, at.configuration, { writer })
    await expect(client.decide(decision)).rejects.toThrow(/ENOSPC. Nothing was decided/)
    expect(await client.judged('nothing', 10)).toBeUndefined()
  })
})

describe("a person's key", () => {
  test('is made once, for its owner alone to read', async () => {
    const { root } = await place()
    const path = join(root, 'home/.config/frostgate/approver.json')
    const made = await createPersonKey(path, 'ann')
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    expect(await readPersonKey(path)).toEqual(made)
    expect(JSON.parse(await readFile(path, 'utf8'))).toMatchObject({ kid: 'ann', alg: 'ES256' })
    await expect(createPersonKey(path, 'ann')).rejects.toThrow('There is a key already')
    await chmod(path, 0o640)
    await expect(readPersonKey(path)).rejects.toThrow(`Run chmod 600 ${path}`)
  })

  test('is found where the environment says', () => {
    expect(approverKeyPath({ HOME: '/home/ann' })).toBe('/home/ann/.config/frostgate/approver.json')
    expect(approverKeyPath({ HOME: '/h', XDG_CONFIG_HOME: '/c' })).toBe('/c/frostgate/approver.json') // prettier-ignore
    expect(approverKeyPath({ FROSTGATE_APPROVER_KEY: '/k.json' })).toBe('/k.json')
  })

  test.each(['', 'not json', '[]', '{"kty":"EC","crv":"P-256"}', '{"kid":"ann","d":"secret"}'])(
    'that is none is refused without being quoted: %s',
    async (text) => {
      const { root } = await place()
      const path = join(root, 'key.json')
      await writeFile(path, text, { mode: 0o600 })
      const refused = await readPersonKey(path).catch((error: unknown) => String(error))
      expect(refused).toContain('frostgate approver init')
      expect(refused).not.toContain('secret')
    },
  )

  test('that is not there is said to be missing', async () => {
    await expect(readPersonKey('/nowhere/key.json')).rejects.toThrow('There is no key')
  })
})
