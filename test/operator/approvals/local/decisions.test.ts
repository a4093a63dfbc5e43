import { cp, mkdir, readFile, rm, utimes } from 'node:fs/promises'
import { join } from 'node:path'

import { CompactSign, exportJWK, generateKeyPair, importJWK, UnsecuredJWT } from 'jose'
import { describe, expect, test, vi } from 'vitest'
import { parse } from 'yaml'

import type { ApprovalDecision } from '../../../../crds/types.ts'
import type { PersonKey } from '../../../../operator/approvals/local/keys.ts'
import { toYaml } from '../../../../operator/approvals/local/object-text.ts'
import { signDecision } from '../../../../operator/approvals/local/signature.ts'
import { canonicalJson } from '../../../../sidecar/canonical-json.ts'
import { digest, key, name, place, request, writeWhole, type Place } from './place.ts'

type Spec = ApprovalDecision['spec']

/** A place with Ann listed, and a request. */
async function asked() {
  const at = await place()
  const ann = await at.person('ann')
  await at.list(ann)
  const store = await at.store()
  await store.createRequest(request())
  return { at, ann, store, uid: store.request(key)?.metadata.uid ?? '' }
}

function specBy(person: PersonKey, overrides: Partial<Spec> = {}): Spec {
  return {
    requestRef: { name },
    statementDigest: digest,
    verdict: 'Approve',
    via: 'Key',
    decidedBy: { username: person.username },
    ...overrides,
  }
}

async function put(at: Place, spec: unknown, as = `${name}-put`): Promise<void> {
  const decision = {
    apiVersion: 'frostgate.dev/v1alpha1',
    kind: 'ApprovalDecision',
    metadata: { name: as },
    spec,
  }
  await writeWhole(at.file('decision', as), toYaml(decision as ApprovalDecision))
}

async function readSpec(at: Place): Promise<Spec> {
  const [file] = await at.decisionFiles()
  return (parse(await readFile(join(at.folder, file ?? ''), 'utf8')) as ApprovalDecision).spec
}

describe('a decision in a folder', () => {
  test('counts for the person whose listed key signed it, with the groups of the configuration', async () => {
    const { at, ann, store } = await asked()
    const told = vi.fn()
    store.onChange(told)
    const taken = await at.client().decide({ name, digest, verdict: 'Approve', key: ann })
    expect(taken.taken).toBe(true)
    const [decision] = await store.readDecisions(key)
    expect(decision?.spec).toMatchObject({
      verdict: 'Approve',
      via: 'Key',
      decidedBy: { username: 'ann', groups: ['data-stewards'] },
    })
    await vi.waitFor(() => {
      expect(told).toHaveBeenCalledWith(key)
    })
    expect(store.decisions(key)).toEqual([decision])
    expect(at.problems).toEqual([])
  })

  test.each<[string, (spec: Spec, uid: string) => Promise<unknown>, string]>([
    ['unsigned', ({ signature: _, ...spec }) => Promise.resolve(spec), 'signature'],
    [
      'by kubectl, so it says',
      ({ signature: _, ...spec }) => Promise.resolve({ ...spec, via: 'Kubernetes' }),
      'is not signed',
    ],
    [
      'through Slack, so it says',
      ({ signature: _, ...spec }) =>
        Promise.resolve({ ...spec, via: 'Slack', decidedBy: { username: 'ann', slack: { team: 'T', user: 'U' } } }),
      'is not signed',
    ],
    [
      'turned around after it was signed',
      (spec) => Promise.resolve({ ...spec, verdict: 'Deny', reason: 'no' }),
      'says something else than was signed',
    ],
    [
      'given another reason',
      (spec) => Promise.resolve({ ...spec, reason: 'because' }),
      'says something else than was signed',
    ],
    [
      'moved to another statement',
      (spec) => Promise.resolve({ ...spec, statementDigest: `sha256:${'ef'.repeat(32)}` }),
      'says something else than was signed',
    ],
    [
      'made out to be by somebody else',
      (spec) => Promise.resolve({ ...spec, decidedBy: { username: 'bob' } }),
      'by "bob", of whom the configuration names no key',
    ],
    [
      'given groups',
      (spec) => Promise.resolve({ ...spec, decidedBy: { username: 'ann', groups: ['dba'] } }),
      'says something else than was signed',
    ],
    [
      'signed with no algorithm',
      ({ signature: _, ...spec }) => {
        const [head, , end] = new UnsecuredJWT({}).encode().split('.')
        const body = Buffer.from(canonicalJson(spec)).toString('base64url')
        return Promise.resolve({ ...spec, signature: `${head}.${body}.${end}x` })
      },
      'no valid signature',
    ],
    ['cut off', (spec) => Promise.resolve({ ...spec, signature: spec.signature?.slice(0, -8) }), 'no valid signature'],
  ])('%s does not exist, and its problem is told', async (_what, change, why) => {
    const { at, ann, store, uid } = await asked()
    const spec = await signDecision(specBy(ann), uid, ann)
    await put(at, await change(spec, uid))
    expect(await store.readDecisions(key)).toEqual([])
    await vi.waitFor(() => {
      expect(at.problems.join()).toContain(why)
    })
    expect(store.decisions(key)).toEqual([])
    // The same, left as it was, counts.
    await put(at, spec)
    expect(await store.readDecisions(key)).toHaveLength(1)
  }) // prettier-ignore

  test('gives its author no group, not even signed', async () => {
    const { at, ann, store, uid } = await asked()
    const decidedBy = { username: 'ann', groups: ['dba'], issuer: 'i', subject: 's' }
    await put(at, await signDecision(specBy(ann, { decidedBy }), uid, ann))
    const [read] = await store.readDecisions(key)
    expect(read?.spec.decidedBy).toEqual({ username: 'ann', groups: ['data-stewards'] })
  })

  test("by another person's key does not exist", async () => {
    const { at, store, uid } = await asked()
    const mallory = await at.person('mallory')
    await put(at, await signDecision(specBy({ ...mallory, username: 'ann' }), uid, mallory))
    expect(await store.readDecisions(key)).toEqual([])
  })

  test('signed by the right key as something else does not exist', async () => {
    const { at, ann, store, uid } = await asked()
    const spec = specBy(ann)
    const signWith = async (header: { typ?: string; request?: string }): Promise<void> => {
      const signature = await new CompactSign(Buffer.from(canonicalJson(spec)))
        .setProtectedHeader({ alg: ann.alg, ...header })
        .sign(await importJWK({ ...ann.publicKey, d: ann.d }, ann.alg))
      await put(at, { ...spec, signature })
    }
    const typ = 'frostgate-decision+jws'
    await signWith({ request: uid })
    expect(await store.readDecisions(key)).toEqual([])
    await signWith({ typ: 'JWT', request: uid })
    expect(await store.readDecisions(key)).toEqual([])
    await signWith({ typ })
    expect(await store.readDecisions(key)).toEqual([])
    await signWith({ typ, request: uid })
    expect(await store.readDecisions(key)).toHaveLength(1)
  })

  test('of an earlier request of the same name is worth nothing for the next', async () => {
    const { at, ann, store } = await asked()
    await at.client().decide({ name, digest, verdict: 'Approve', key: ann })
    const spec = await readSpec(at)
    const read = await store.readRequest(key)
    if (read) await store.deleteRequest(read)
    expect(await at.decisionFiles()).toEqual([])
    await store.createRequest(request())
    await put(at, spec)
    expect(await store.readDecisions(key)).toEqual([])
    await vi.waitFor(() => {
      expect(at.problems.join()).toContain('was signed for another request of that name')
    })
  })

  test('put beside another request does not exist', async () => {
    const { at, ann, store, uid } = await asked()
    const second = { namespace: key.namespace, name: `${name}-2` }
    await store.createRequest({ ...request(), metadata: second })
    const spec = await signDecision(specBy(ann), uid, ann)
    await put(at, { ...spec, requestRef: { name: second.name } })
    expect(await store.readDecisions(second)).toEqual([])
    expect(await store.readDecisions(key)).toEqual([])
  })

  test('of a person whose key is taken out of the configuration is gone at the next look', async () => {
    const { at, ann, store } = await asked()
    await at.client().decide({ name, digest, verdict: 'Approve', key: ann })
    expect(await store.readDecisions(key)).toHaveLength(1)
    const bob = await at.person('bob')
    await at.list(bob)
    expect(await store.readDecisions(key)).toEqual([])
    await at.list(bob, ann)
    expect(await store.readDecisions(key)).toHaveLength(1)
    await rm(join(at.configuration, 'approvers.yaml'))
    expect(await store.readDecisions(key)).toEqual([])
    await vi.waitFor(() => {
      expect(store.decisions(key)).toEqual([])
    })
  })

  test('was made when it was first seen here, whatever its file says, also after a restart', async () => {
    const { at, ann, store } = await asked()
    await at.client().decide({ name, digest, verdict: 'Approve', key: ann })
    const [file] = await at.decisionFiles()
    const path = join(at.folder, file ?? '')
    const before = Date.now() - 1_000
    await utimes(path, 0, 0)
    const text = await readFile(path, 'utf8')
    await writeWhole(path, text.replace('metadata:\n', 'metadata:\n  creationTimestamp: "2001-01-01T00:00:00Z"\n')) // prettier-ignore
    const [first] = await store.readDecisions(key)
    expect(Date.parse(first?.metadata.creationTimestamp ?? '')).toBeGreaterThan(before)
    await vi.waitFor(() => {
      expect(store.decisions(key)).toEqual([first])
    })
    await store.stop()
    const later = await at.store({ now: () => Date.now() + 86_400_000 })
    const [again] = await later.readDecisions(key)
    expect(again?.metadata).toEqual(first?.metadata)
    // Edited, it is another decision, and made now.
    await later.stop()
    await rm(join(at.folder, '.seen.json'))
    const last = await at.store({ now: () => Date.now() + 86_400_000 })
    const [unseen] = await last.readDecisions(key)
    expect(Date.parse(unseen?.metadata.creationTimestamp ?? '')).toBeGreaterThan(Date.now() + 80_000_000) // prettier-ignore
  })

  test("has the status that the gateway wrote, and not its author's", async () => {
    const { at, ann, store, uid } = await asked()
    const spec = await signDecision(specBy(ann), uid, ann)
    const condition = { type: 'Ready', status: 'True', lastTransitionTime: '2026-01-01T00:00:00Z', reason: 'Counted', message: 'It counts.' } as const // prettier-ignore
    const status = { conditions: [condition] }
    const decision: ApprovalDecision = { apiVersion: 'frostgate.dev/v1alpha1', kind: 'ApprovalDecision', metadata: { name: 'x' }, spec, status } // prettier-ignore
    await writeWhole(at.file('decision', 'x'), toYaml(decision))
    const [read] = await store.readDecisions(key)
    expect(read?.status).toBeUndefined()
    if (!read) throw new Error('no decision')
    const no = { conditions: [{ ...condition, status: 'False' as const, message: 'It does not.' }] }
    expect(await store.writeDecisionStatus(read, no)).toBe('written')
    expect(await store.writeDecisionStatus(read, status)).toBe('conflict')
    expect((await store.readDecisions(key))[0]?.status).toEqual(no)
    expect(await at.client().judged('x', 0)).toEqual({ taken: false, why: 'It does not.' })
    expect((await store.readDecisions(key))[0]?.metadata.uid).toBe(read.metadata.uid)
  })

  test('through any other way than a file is not taken', async () => {
    const { store } = await asked()
    await expect(store.createDecision()).rejects.toThrow('signed files')
  })
})

describe('who is listed', () => {
  test.each<[string, (entry: string) => string, string]>([
    ['a private key', (entry) => entry.replace('"kty"', '"d":"AAAA","kty"'), 'holds the private half'],
    ['a key of another kind', (entry) => entry.replace('"P-256"', '"P-521"'), 'is no JWK of P-256'],
    ['a misspelt field', (entry) => entry.replace('groups:', 'group:'), 'nobody knows, "group"'],
    ['groups that are no list', (entry) => entry.replace('["data-stewards"]', 'data-stewards'), 'no list'],
    ['a key that is cut off', (entry) => entry.replace(/"x":"..../, '"x":"'), 'lacks the member x'],
  ])('is not who has %s; the others are', async (_what, change, why) => {
    const { at, store } = await asked()
    const [ann, bob] = [await at.person('ann'), await at.person('bob')]
    await at.list(ann, bob)
    const file = join(at.configuration, 'approvers.yaml')
    const text = await readFile(file, 'utf8')
    const half = text.indexOf('  bob:')
    await writeWhole(file, change(text.slice(0, half)) + text.slice(half))
    const uid = store.request(key)?.metadata.uid ?? ''
    await put(at, await signDecision(specBy(ann), uid, ann), 'by-ann')
    await put(at, await signDecision(specBy(bob), uid, bob), 'by-bob')
    const read = await store.readDecisions(key)
    expect(read.map(({ metadata }) => metadata.name)).toEqual(['by-bob'])
    await vi.waitFor(() => {
      expect(at.problems.join()).toContain(why)
    })
  }) // prettier-ignore

  test('is neither of two with one key: one person would count as two', async () => {
    const { at, ann, store, uid } = await asked()
    await at.list(ann, { ...ann, username: 'bob' })
    await put(at, await signDecision(specBy(ann), uid, ann))
    expect(await store.readDecisions(key)).toEqual([])
  })

  test('is nobody where the ConfigMap is there twice', async () => {
    const { at, ann, store, uid } = await asked()
    await cp(join(at.configuration, 'approvers.yaml'), join(at.configuration, 'more.yaml'))
    await put(at, await signDecision(specBy(ann), uid, ann))
    expect(await store.readDecisions(key)).toEqual([])
  })

  test('may have a name that is no key of a ConfigMap, and a key of Ed25519', async () => {
    const { at, store, uid } = await asked()
    const { privateKey } = await generateKeyPair('EdDSA', { extractable: true })
    const { kty = '', crv = '', x = '', d = '' } = await exportJWK(privateKey)
    const ann = { username: 'ann@hospital.example', alg: 'EdDSA', publicKey: { kty, crv, x }, d } as const
    await at.list(ann)
    await put(at, await signDecision(specBy(ann), uid, ann))
    const [read] = await store.readDecisions(key)
    expect(read?.spec.decidedBy?.username).toBe('ann@hospital.example')
  }) // prettier-ignore

  test('is read from the folder of configuration alone, not from folders in it', async () => {
    const { at, ann, store, uid } = await asked()
    await mkdir(join(at.configuration, 'inner'))
    await cp(join(at.configuration, 'approvers.yaml'), join(at.configuration, 'inner/approvers.yaml')) // prettier-ignore
    await rm(join(at.configuration, 'approvers.yaml'))
    await put(at, await signDecision(specBy(ann), uid, ann))
    expect(await store.readDecisions(key)).toEqual([])
  })
})
