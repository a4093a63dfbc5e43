import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { cli, quickstart } from '../in-process.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'frostgate-test-'))
})
afterAll(() => rm(folder, { recursive: true }))

/** A copy of the quickstart, changed; its only test is `cases`, where given. */
async function variant(
  name: string,
  changes: Readonly<Record<string, (text: string) => string>>,
  cases?: string,
): Promise<string> {
  const copy = join(folder, name)
  await cp(quickstart, copy, { recursive: true })
  for (const [file, change] of Object.entries(changes)) {
    const before = await readFile(join(copy, file), 'utf8')
    const after = change(before)
    expect(after).not.toBe(before)
    await writeFile(join(copy, file), after)
  }
  if (cases !== undefined) await writeFile(join(copy, 'tests/policies.test.yaml'), head + cases)
  return copy
}

const head = `apiVersion: frostgate.dev/v1alpha1
kind: PolicyTest
catalog: ./catalog.yaml
identities:
  agent: { provider: local, subject: a, groups: [ai-coding-agents] }
cases:
`

describe('frostgate test', () => {
  test('the quickstart does what it is meant to do', async () => {
    const { code, stdout } = await cli(['test', quickstart])
    expect({ code, last: stdout.trimEnd().split('\n').at(-1) }).toEqual({
      code: 0,
      last: '7 cases as expected.',
    })
    expect(stdout).toMatch(/✓ nobody drops +DENIED PolicyDenied ai-agents\/never/)
  })

  test('a policy that became wider fails the case that forbids it, with what differs', async () => {
    const wider = await variant('wider', {
      'policy.yaml': (text) =>
        text.replace('- HEALTH.PHI.*', '- HEALTH.PHI.*\n        - STAGING.*.*'),
    })
    const { code, stdout } = await cli(['test', wider])
    expect(code).toBe(1)
    expect(stdout).toMatch(/✗ staging is not for agents +ALLOWED/)
    expect(stdout).toContain('verdict  expected deny\n               got      allow')
    expect(stdout).toContain('1 of 7 cases not as expected.')
  })

  test.each([
    ['verdict', 'sql: SELECT 1, expect: deny', 'got      allow'],
    [
      'error',
      'sql: DROP TABLE a.b.c, expect: deny, error: PolicyUncovered',
      'got      PolicyDenied',
    ],
    ['rule', 'sql: DROP TABLE a.b.c, expect: deny, rule: a/b', 'got      ai-agents/never'],
    ['message', 'sql: DROP TABLE a.b.c, expect: deny, message: please', 'expected … please …'],
    [
      'masked',
      'sql: SELECT ssn FROM health.phi.patients, expect: allow, masked: []',
      'got      HEALTH.PHI.PATIENTS.SSN',
    ],
    ['columns', "sql: 'SELECT 1 AS a, 1 + 1', expect: allow, columns: [A]", 'got      A, 1 + 1'],
    ['emitted', 'sql: SELECT 1, expect: allow, emitted: SELECT 2', 'expected … SELECT 2 …'],
  ])('a difference in %s is a failure and is shown', async (what, fields, shown) => {
    const folder = await variant(
      `difference-${what}`,
      {},
      `  - { name: x, as: agent, ${fields} }\n`,
    )
    const { code, stdout } = await cli(['test', folder])
    expect(code).toBe(1)
    expect(stdout).toMatch(new RegExp(`^ {6}${what} +expected`, 'm'))
    expect(stdout).toContain(shown)
  })

  test('a case that needs a catalogue and has none says so', async () => {
    const copy = await variant('no-catalogue', {
      'tests/policies.test.yaml': (text) => text.replace('catalog: ./catalog.yaml', ''),
    })
    const { code, stdout } = await cli(['test', copy])
    expect(code).toBe(1)
    expect(stdout).toContain('it needs a catalogue that has HEALTH.PHI.PATIENTS')
  })

  test('--filter takes a part of suite and name, and must leave a case', async () => {
    const { stdout } = await cli(['test', quickstart, '--filter', 'QUICKSTART/nobody'])
    expect(stdout).toContain('1 case as expected.')
    const none = await cli(['test', quickstart, '--filter', 'nix'])
    expect(none).toMatchObject({ code: 2, stdout: '' })
  })

  test('--json has every case with its judgement', async () => {
    const { stdout } = await cli(['test', quickstart, '--json'])
    const { ok, cases } = JSON.parse(stdout) as { ok: boolean; cases: readonly unknown[] }
    expect(ok).toBe(true)
    expect(cases[0]).toMatchObject({ name: 'an agent sees masks', judgement: { verdict: 'allow' } })
  })

  test('--junit writes the same for CI servers', async () => {
    const file = join(folder, 'junit.xml')
    expect(await cli(['test', quickstart, '--junit', file])).toMatchObject({ code: 0 })
    expect(await readFile(file, 'utf8')).toContain(
      '<testsuite name="quickstart" tests="7" failures="0"',
    )
    const nowhere = await cli(['test', quickstart, '--junit', join(folder, 'no/such.xml')])
    expect(nowhere).toMatchObject({ code: 2, stderr: expect.stringContaining('ENOENT') as string })
  })

  test('a folder without tests does not pass', async () => {
    const copy = await variant('untested', {})
    await rm(join(copy, 'tests'), { recursive: true })
    expect(await cli(['test', copy])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('holds no PolicyTest') as string,
    })
  })

  test('tests may lie among the policies, which disturbs nobody who reads these', async () => {
    const copy = await variant('among', {})
    await mkdir(join(copy, 'more'))
    for (const file of ['policies.test.yaml', 'catalog.yaml'])
      await cp(join(copy, 'tests', file), join(copy, file))
    await rm(join(copy, 'tests'), { recursive: true })
    expect(await cli(['test', copy])).toMatchObject({ code: 0 })
  })

  test.each([
    [
      'an identity that is not there',
      '{ name: x, as: agnt, sql: SELECT 1, expect: allow }',
      /:7:16 cases\[0\]\.as: "agnt" .* Did you mean agent\?/,
    ],
    [
      'an unknown field',
      '{ name: x, as: agent, sql: SELECT 1, expect: allow, exepct: deny }',
      /cases\[0\]\.exepct: is not a field/,
    ],
    [
      'an unknown verdict',
      '{ name: x, as: agent, sql: SELECT 1, expect: alow }',
      /"alow" is not one of allow, deny, hold, noLogin. Did you mean allow\?/,
    ],
    [
      'an unknown error',
      '{ name: x, as: agent, sql: SELECT 1, expect: deny, error: PolicyDenid }',
      /Did you mean PolicyDenied\?/,
    ],
    [
      'an error of what is allowed',
      '{ name: x, as: agent, sql: SELECT 1, expect: allow, error: PolicyDenied }',
      /says nothing of a case that expects allow/,
    ],
    [
      'masks of what is refused',
      '{ name: x, as: agent, sql: SELECT 1, expect: deny, masked: [] }',
      /says nothing of a case that expects deny/,
    ],
    [
      'a masked column that is none',
      '{ name: x, as: agent, sql: SELECT 1, expect: allow, masked: [SSN] }',
      /masked\[0\]: "SSN" has 1 parts instead of 4/,
    ],
    [
      'a rule without its policy',
      '{ name: x, as: agent, sql: SELECT 1, expect: deny, rule: never }',
      /POLICY\/RULE/,
    ],
    [
      'a name that is there twice',
      '{ name: x, as: agent, sql: SELECT 1, expect: allow }\n  - { name: x, as: agent, sql: SELECT 2, expect: allow }',
      /"x" is there twice/,
    ],
  ])('%s is named with its place, and nothing is run', async (what, written, message) => {
    const copy = await variant(what.replaceAll(' ', '-'), {}, `  - ${written}\n`)
    expect(await cli(['test', copy])).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringMatching(message) as string,
    })
  })

  test('a policy in a file of tests is a mistake', async () => {
    const copy = await variant('mixed', {})
    await cp(join(copy, 'policy.yaml'), join(copy, 'tests/more.test.yaml'))
    expect(await cli(['test', copy])).toMatchObject({
      code: 2,
      stderr: expect.stringMatching(/more\.test\.yaml:.*kind.*PolicyTest/) as string,
    })
  })
})

describe('frostgate test --diff', () => {
  test('lists the cases whose outcome changes, as docs/cli.md shows', async () => {
    const changed = await variant('changed', {
      'policy.yaml': (text) =>
        text.replace('- HEALTH.PHI.*', '- HEALTH.PHI.*\n        - STAGING.*.*'),
      'masking.yaml': (text) => text.replace(/partial:\n +keepLast: 4/, 'redact: {}'),
    })
    const { code, stdout } = await cli(['test', '--diff', quickstart, changed])
    expect(code).toBe(1)
    expect(await readFile('docs/cli.md', 'utf8')).toContain(`\`\`\`text\n${stdout}\`\`\``)
  })

  test('nothing is said of what stays the same', async () => {
    const outcome = await cli(['test', quickstart, '--diff', quickstart, quickstart])
    expect(outcome).toMatchObject({
      code: 0,
      stdout: '7 cases, and none changes its outcome.\n',
    })
    const json = await cli(['test', '--diff', quickstart, quickstart, '--json'])
    expect(JSON.parse(json.stdout)).toMatchObject({ same: true })
  })

  test.each([[['--diff', quickstart]], [['--diff', quickstart, quickstart, quickstart]], [[]]])(
    '%j is a mistake of usage',
    async (words) => {
      expect(await cli(['test', ...words])).toMatchObject({ code: 2 })
    },
  )
})
