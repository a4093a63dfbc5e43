/** `frostgate why`, over recordings as a gateway writes them. */

import { mkdtemp, readFile, rename, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { beforeAll, describe, expect, it } from 'vitest'

import { advised } from '../../../cli/why/advice.ts'
import { distance, requestIn } from '../../../cli/why/ids.ts'
import { errorCatalogue, FrostgateError } from '../../../sidecar/errors.ts'
import type { RecordedEvent } from '../../../sidecar/recording/events.ts'
import { received, recordSample, sampleEvents } from '../../sidecar/recording/sample.ts'
import { cli } from '../in-process.ts'

const held = '01b2c3d4-0000-0000-0000-0000000000a1'
const use = '9d0f2c1e-5a5a-4b4b-8c8c-0123456789ab'
const asked = '6f1c0e2a9b7d4c53'
const of = { session: 's1', statement: held } as const

const decided = {
  type: 'statement.decided', ...of, kind: 'Select', class: 'Query', objects: ['HEALTH.PHI.PATIENTS'],
  maskedColumns: ['HEALTH.PHI.PATIENTS.SSN'], maskingRules: ['ssn'], rules: ['agents/phi-needs-a-steward'], observed: [], error: null,
} as const // prettier-ignore
const events: readonly RecordedEvent[] = [
  ...sampleEvents.slice(0, -1),
  { ...received(held, 'SELECT ssn FROM health.phi.patients\u001b[2J\nwho        root'), ...of },
  { ...decided, verdict: 'hold', emitted: null },
  { type: 'approval.requested', ...of, request: asked, digest: asked.repeat(4), rule: 'agents/phi-needs-a-steward', approvers: ['data-stewards'], count: 1, expiresAt: '2026-03-01T01:00:00Z' },
  { type: 'approval.decided', ...of, request: asked, outcome: 'approved', approval: use, by: ['ann'], note: 'fine\nwho        mallory', milliseconds: 125_000 },
  { ...decided, verdict: 'allow', emitted: 'SELECT 1', approval: use, approvedBy: ['ann'] },
  { type: 'statement.finished', ...of, upstreamQueryId: '01ff-upstream', columns: [], totalRows: 3, rows: null, rowsDigest: '', chunks: 0, milliseconds: 12 },
] // prettier-ignore

let file: string
beforeAll(async () => {
  file = await recordSample(events)
})

const why = (id: string, ...words: readonly string[]) => cli(['why', id, '--recording', file, ...words]) // prettier-ignore

describe('frostgate why', () => {
  it.each([
    ['the query id', held],
    ['the query id in other letters', held.toUpperCase()],
    ['the id at Snowflake', '01ff-upstream'],
    ['the request', asked],
    ['the name of a later request', `${asked}-2`],
    ['the use of the approval', use],
  ])('tells the whole story by %s', async (_what, id) => {
    const { code, stdout } = await why(id)
    expect(code).toBe(0)
    for (const part of [
      /^VERIFIED: \d+ lines/,
      /^ALLOWED {2}Select$/m,
      /^who {8}local:agent-7, run run-42 \(groups: ai-coding-agents\)$/m,
      /^why {8}People approved it: ann\.$/m,
      /^rule {7}rule phi-needs-a-steward of AgentPolicy agents: its entry of that\n {11}name in spec\.rules$/m,
      /^masked {5}HEALTH\.PHI\.PATIENTS\.SSN by MaskingRule ssn$/m,
      /^approval {3}asked at .*: request 6f1c0e2a9b7d4c53, 1 of/m,
      /^ {11}approved by ann at .*, after\n? *2 min/m,
      /^ {11}│ fine\n {11}│ who {8}mallory$/m,
      /^outcome {4}It ran: 3 rows in 12 ms\.$/m,
    ])
      expect(stdout).toMatch(part)
    expect(stdout.match(/^who/gm)).toHaveLength(1)
    expect(stdout).not.toContain('\u001b')
  })

  it('tells a refusal with its rule, its reason and the place to change', async () => {
    const { code, stdout } = await why('q2')
    expect(code).toBe(0)
    expect(stdout).toMatch(/^DENIED {2}DropTable$/m)
    expect(stdout).toMatch(/^ {11}│ DROP TABLE health\.phi\.patients$/m)
    expect(stdout).toMatch(/^rule {7}rule never of AgentPolicy agents: /m)
    expect(stdout).toMatch(/^outcome {4}It did not run\.$/m)
    expect(stdout).toMatch(/^change {5}Policy owner: the answer is given by agents\/never/m)
  })

  it('prints JSON', async () => {
    const { stdout } = await why(asked, '--json')
    expect(JSON.parse(stdout)).toMatchObject({
      verification: [{ ok: true }],
      statements: [{ statement: held, verdict: 'ALLOWED', login: { principal: { subject: 'agent-7' } } }], // prettier-ignore
    })
  })

  it('says what ids look like, and which are near, for one that is not there', async () => {
    const { code, stderr, stdout } = await why(held.replace('a1', 'a2'))
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain(`Near it are: ${held}.`)
    expect(stderr).toContain('16 hexadecimal digits')
    expect((await why(held.slice(0, 8))).stderr).toContain(`Near it are: ${held}.`)
    expect((await why('\u001b[2Jnothing')).stderr).toContain('has the id "\\\\u{1b}[2Jnothing"')
  })

  it('reads a folder of recordings, and says which is broken', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'frostgate-why-'))
    await rename(await recordSample(events), join(folder, 'b.jsonl'))
    const broken = await readFile(file, 'utf8')
    await writeFile(join(folder, 'a.jsonl'), broken.replace('01ff-upstream', '01fe-upstream'))
    const { code, stdout } = await cli(['why', asked, '--recording', folder])
    expect(code).toBe(1)
    expect(stdout).toMatch(/^BROKEN at line \d+, .*a\.jsonl/m)
    expect(stdout).toMatch(/^VERIFIED: .*b\.jsonl/m)
    expect(stdout).toContain('It is of 2 statements:')
    expect(stdout).toContain('no outcome is recorded')
  })

  it('does not believe what stands behind a fault', async () => {
    const copy = join(await mkdtemp(join(tmpdir(), 'frostgate-why-')), 'r.jsonl')
    await writeFile(copy, (await readFile(file, 'utf8')).replace('agent-7', 'agent-8'))
    const { code, stderr } = await cli(['why', held, '--recording', copy])
    expect(code).toBe(1)
    expect(stderr).toContain('behind the fault')
  })

  it('explains a recording that is not there', async () => {
    const { code, stderr } = await cli(['why', held, '--recording', '/nowhere/r.jsonl'])
    expect(code).toBe(2)
    expect(stderr).toContain('There is no recording /nowhere/r.jsonl')
  })
})

describe('the parts of an answer', () => {
  it('tells reason and advice of each error of the catalogue apart', () => {
    for (const [name, { text, advice }] of Object.entries(errorCatalogue)) {
      const fill = (template: string) => template.replace(/\{\w+\}/g, 'X')
      const message = `${fill(text)} ${fill(advice)}`.trim()
      const told = advised({ name, code: '', sqlState: '', message: `${message} [Frostgate ${name}]` })
      if (advice === '' || advice.startsWith('{')) expect(told).toEqual({ reason: message, advice: undefined })
      else expect(told).toEqual({ reason: fill(text), advice: fill(advice) })
    }
    const parameters = { request: asked, by: 'ann', note: 'Do not.', alternative: 'less' }
    const { message } = FrostgateError.of('ApprovalDenied', parameters)
    expect(advised({ name: 'ApprovalDenied', code: '', sqlState: '', message }).advice).toBe(
      'Do not send it again as it is. Do without: less.',
    )
  }) // prettier-ignore

  it('knows the names of requests, and what is near', () => {
    expect(requestIn(asked)).toBe(asked)
    expect(requestIn(`${asked}-12`)).toBe(asked)
    expect(requestIn(`${asked}-`)).toBeUndefined()
    expect(requestIn(held)).toBeUndefined()
    expect(distance('abcdefghij', 'abcdefghij-and-more')).toBe(0)
    expect(distance('abcdefghij', 'abcdxfghi')).toBe(2)
    expect(distance('abcdefghij', 'zyxwvutsrq')).toBeGreaterThan(4)
    expect(distance('a', 'b')).toBeGreaterThan(4)
  })
})
