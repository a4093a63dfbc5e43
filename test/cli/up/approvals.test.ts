import { mkdtemp, rename, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { pino } from 'pino'
import { describe, expect, onTestFinished, test, vi } from 'vitest'

import { approverProblem, approvalsBeside, openApprovals } from '../../../cli/up/approvals.ts'
import type { PersonKey } from '../../../operator/approvals/local/keys.ts'
import { compileDirectory } from '../../../operator/compile/directory.ts'
import type { ApprovalQuestion } from '../../../sidecar/approvals/approvals.ts'
import type { Bundle } from '../../../sidecar/control/bundle.ts'
import { question as anyQuestion } from '../../sidecar/approvals/question.ts'
import { place as makePlace, type Place } from '../../operator/approvals/local/place.ts'

const compiled = await compileDirectory('examples/phi', {})
if ('problems' in compiled) throw new Error('examples/phi does not compile')
const { bundle } = compiled
const rule = { policy: 'coding-agents', rule: 'clinical-columns' }
const approval = bundle.policies
  .find(({ name }) => name === rule.policy)
  ?.rules.find(({ name }) => name === rule.rule)?.approval
if (approval === undefined) throw new Error('the rule is not there')
const spec = approval

function question(more: Partial<ApprovalQuestion> = {}): ApprovalQuestion {
  const now = Date.now()
  return anyQuestion({ rule, approval: spec, askedAt: now, expiresAt: now + 60_000, ...more })
}

/** Opened on a place where Ann is listed. */
async function opened(at?: Place, inForce: () => Bundle = () => bundle) {
  const place = at ?? (await makePlace())
  const up = await openApprovals({
    folder: place.folder,
    configuration: place.configuration,
    bundle: inForce,
    log: pino({ level: 'silent' }),
    onProblem: (message) => place.problems.push(message),
  })
  onTestFinished(async () => {
    await up.close()
  })
  return { place, up }
}

async function pending(place: Place) {
  return await vi.waitFor(async () => {
    const { requests } = await place.client().list()
    const open = requests.find(({ request }) => (request.status?.phase ?? 'Pending') === 'Pending')
    if (open === undefined) throw new Error('nothing waits')
    return open.request
  })
}

async function decide(place: Place, key: PersonKey, verdict: 'Approve' | 'Deny' = 'Approve') {
  const { metadata, spec: asked } = await pending(place)
  const decision = { name: metadata.name, digest: asked.statementDigest, verdict, key }
  return await place.client().decide({ ...decision, reason: 'It is fine, or not.' })
}

const never = new AbortController().signal

describe('a statement held under frostgate up', () => {
  test('runs once a listed person has signed, and another of the same kind waits again', async () => {
    const { place, up } = await opened()
    const ann = await place.person('ann')
    await place.list(ann)
    const first = up.approvals.ask(question(), never)
    const taken = await decide(place, ann)
    expect(await first).toMatchObject({ verdict: 'approved', by: ['ann'] })
    const name = taken.taken ? taken.decision.metadata.name : ''
    expect(await place.client().judged(name, 2_000)).toEqual({ taken: true })
    const ended = new AbortController()
    const second = up.approvals.ask(question(), ended.signal)
    expect((await pending(place)).metadata.name).toMatch(/-2$/)
    ended.abort()
    expect(await second).toEqual({ verdict: 'withdrawn' })
    await vi.waitFor(async () => {
      const { requests } = await place.client().list()
      expect(requests.map(({ request }) => request.status?.phase)).toEqual(['Used', 'Withdrawn'])
    })
  })

  test('is refused with the note of who denies it', async () => {
    const { place, up } = await opened()
    const ann = await place.person('ann')
    await place.list(ann)
    const asked = up.approvals.ask(question(), never)
    await decide(place, ann, 'Deny')
    expect(await asked).toEqual({ verdict: 'denied', by: ['ann'], note: 'It is fine, or not.' })
  })

  test('is not released by whoever asks for it, nor by a person of another group', async () => {
    const { place, up } = await opened()
    const { subject } = question().principal
    const [self, ann] = [await place.person(subject), await place.person('ann')]
    await place.list(self, ann)
    const answered = vi.fn()
    const asked = up.approvals.ask(question(), never).then(answered)
    const taken = await decide(place, self)
    const name = taken.taken ? taken.decision.metadata.name : ''
    const judged = await place.client().judged(name, 2_000)
    expect(judged).toMatchObject({ taken: false, why: expect.stringContaining('nobody decides about their own') as string }) // prettier-ignore
    expect(answered).not.toHaveBeenCalled()
    await decide(place, ann)
    await asked
    expect(answered).toHaveBeenCalledWith(expect.objectContaining({ by: ['ann'] }))
  })

  test('does not run by a key that is taken out of the list before it is used', async () => {
    let current = bundle
    const two = { ...spec, count: 2 }
    const policies = bundle.policies.map((policy) => ({
      ...policy,
      rules: policy.rules.map((each) => (each.name === rule.rule ? { ...each, approval: two } : each)),
    })) // prettier-ignore
    current = { ...bundle, policies }
    const { place, up } = await opened(undefined, () => current)
    const [ann, bob, eve] = [await place.person('ann'), await place.person('bob'), await place.person('eve')] // prettier-ignore
    await place.list(ann, bob, eve)
    const answered = vi.fn()
    const asked = up.approvals.ask(question({ approval: two }), never).then(answered)
    await decide(place, ann)
    await place.list(bob, eve)
    await decide(place, bob)
    await new Promise((resolve) => setTimeout(resolve, 300))
    expect(answered).not.toHaveBeenCalled()
    await decide(place, eve)
    await asked
    expect(answered).toHaveBeenCalledWith(expect.objectContaining({ by: ['bob', 'eve'] }))
  })

  test('is void when its rule is gone', async () => {
    let current = bundle
    const { place, up } = await opened(undefined, () => current)
    const asked = up.approvals.ask(question(), never)
    await pending(place)
    current = { ...bundle, policies: [] }
    up.trigger()
    expect(await asked).toMatchObject({ verdict: 'unavailable' })
  })

  test('is withdrawn by the next start, and its approval lets nothing run', async () => {
    const { place, up } = await opened()
    const ann = await place.person('ann')
    await place.list(ann)
    void up.approvals.ask(question(), never)
    const { metadata } = await pending(place)
    await vi.waitFor(async () => {
      const kept = await place.client().request(metadata.name)
      expect(kept?.request.status?.phase).toBe('Pending')
    })
    // As after a crash: the folder is as it was, and nobody has withdrawn.
    const kept = join(place.root, 'kept')
    await rename(place.folder, kept)
    await rm(join(kept, '.lock'))
    await rename(kept, place.folder)
    const next = await opened(place)
    const left = await place.client().request(metadata.name)
    expect(left?.request.status?.phase).toBe('Withdrawn')
    const ended = new AbortController()
    const again = next.up.approvals.ask(question(), ended.signal)
    expect((await pending(place)).metadata.name).toBe(`${metadata.name}-2`)
    ended.abort()
    await again
  })

  test('is refused where its request cannot be kept', async () => {
    const { place, up } = await opened()
    await rm(place.folder, { recursive: true })
    expect(await up.approvals.ask(question(), never)).toMatchObject({
      verdict: 'unavailable',
      reason: expect.stringContaining('approvals cannot be kept') as string,
    })
  })
})

describe('the folder of approvals', () => {
  test('is kept by one gateway', async () => {
    const { place } = await opened()
    await expect(opened(place)).rejects.toThrow('is kept by another gateway')
  })

  test('is beside the recording, one for each', () => {
    expect(approvalsBeside('.frostgate/recording.jsonl')).toBe('.frostgate/approvals')
    expect(approvalsBeside('logs/acme.jsonl')).toBe('logs/acme.approvals')
  })

  test('is of no use where nobody is listed, and that is said', async () => {
    const place = await makePlace()
    await place.list()
    expect(await approverProblem(bundle, place.configuration)).toContain('lists nobody')
    await place.list(await place.person('ann'))
    expect(await approverProblem(bundle, place.configuration)).toBeUndefined()
    expect(await approverProblem({ ...bundle, policies: [] }, await mkdtemp(join(tmpdir(), 'fg-')))).toBeUndefined() // prettier-ignore
  })
})
