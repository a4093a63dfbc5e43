/** The same commands on a folder of `frostgate up`: real files, and a signed decision. */

import { mkdir, mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'

import { beforeEach, describe, expect, it } from 'vitest'

import { confirmed } from '../../../cli/approvals/confirm.ts'
import { createPersonKey } from '../../../operator/approvals/local/keys.ts'
import { toYaml } from '../../../operator/approvals/local/object-text.ts'
import type { ApprovalDecision } from '../../../crds/types.ts'
import { cli } from '../in-process.ts'
import { digest, name, request } from './support.ts'

let folder: string
let words: readonly string[]

beforeEach(async () => {
  const root = await mkdtemp(join(tmpdir(), 'frostgate-approvals-'))
  folder = join(root, 'approvals')
  const key = join(root, 'keys', 'approver.json')
  await mkdir(folder, { mode: 0o700 })
  await createPersonKey(key, 'ann')
  await writeFile(join(folder, `approvalrequest-${name}.yaml`), toYaml(request()))
  words = ['--approvals', folder, '--key', key]
})

/** As the gateway does, once a decision is there. */
async function judge(ready: 'True' | 'False', message: string): Promise<ApprovalDecision> {
  for (;;) {
    const file = (await readdir(folder)).find((each) => each.startsWith('approvaldecision-'))
    if (file === undefined) {
      await new Promise((resolve) => setTimeout(resolve, 20))
      continue
    }
    const { parse } = await import('yaml')
    const decision = parse(await readFile(join(folder, file), 'utf8')) as ApprovalDecision
    const lastTransitionTime = new Date().toISOString()
    const condition = {
      type: 'Ready',
      status: ready,
      reason: 'Judged',
      message,
      lastTransitionTime,
    }
    await writeFile(
      join(folder, file),
      toYaml({ ...decision, status: { conditions: [condition] } }),
    )
    return decision
  }
}

describe('a folder of approvals', () => {
  it('is listed and shown as a cluster is', async () => {
    const { code, stdout } = await cli(['pending', '--approvals', folder])
    expect(code).toBe(0)
    expect(stdout).toMatch(/^6f1c0e2a9b7d4c53 /m)
    expect(stdout).toContain(`In the folder ${folder}.`)
    expect((await cli(['pending', name, '--approvals', folder])).stdout).toMatch(/^PENDING {2}6f1c/)
  })

  it('says of files that count for nothing that they do', async () => {
    await writeFile(join(folder, 'approvalrequest-aaaa.yaml'), 'kind: Nothing\n')
    const { code, stdout, stderr } = await cli(['pending', '--approvals', folder])
    expect(code).toBe(0)
    expect(stdout).toMatch(/^6f1c0e2a9b7d4c53 /m)
    expect(stderr).toMatch(/^warning: .*approvalrequest-aaaa\.yaml counts for nothing: it /)
  })

  it('takes a decision that the person’s key has signed', async () => {
    const judging = judge('True', 'It counts.')
    const { code, stdout } = await cli(['deny', name, ...words, '--yes', '--reason', 'no'])
    expect(code).toBe(0)
    expect(stdout).toContain('Denied: the decision')
    const { spec } = await judging
    expect(spec).toMatchObject({ verdict: 'Deny', statementDigest: digest, via: 'Key', decidedBy: { username: 'ann' } }) // prettier-ignore
    expect(spec.signature).toMatch(/^[\w-]+\.[\w-]*\.[\w-]+$/)
  })

  it('tells why one does not count', async () => {
    const judging = judge('False', 'ann is no approver.')
    const { code, stdout } = await cli(['approve', name, ...words, '--yes'])
    await judging
    expect(code).toBe(1)
    expect(stdout).toContain('does not count: ann is no approver.')
  })

  it('without a key says how to make one', async () => {
    const { code, stderr } = await cli([
      ...['approve', name, '--approvals', folder, '--yes', '--key', '/nowhere/key.json'],
    ])
    expect(code).toBe(2)
    expect(stderr).toContain('frostgate approver init')
  })

  it('that is not there is told', async () => {
    const { code, stderr } = await cli(['pending', '--approvals', '/nowhere/approvals'])
    expect(code).toBe(2)
    expect(stderr).toContain('/nowhere/approvals cannot be read')
  })
})

describe('the question at the terminal', () => {
  it.each([
    ['y\n', true],
    ['YES\n', true],
    ['\n', false],
    ['n\n', false],
    ['yess\n', false],
    ['', false],
  ])('%j is %j', async (typed, expected) => {
    const input = new PassThrough()
    const output = new PassThrough()
    const answer = confirmed('Approve this?', { input, output })
    input.end(typed)
    expect(await answer).toBe(expected)
    expect(String(output.read())).toContain('Approve this? [y/N] ')
  })
})
