import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import { frostgate } from '../frostgate.ts'
import { catalogFile, cli, quickstart } from '../in-process.ts'

const agent = ['--as', 'local:agent-7', '--group', 'ai-coding-agents']

async function explain(sql: string, ...words: readonly string[]) {
  return await cli(['explain', quickstart, sql, ...agent, '--catalog', catalogFile, ...words])
}

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'frostgate-explain-'))
})
afterAll(() => rm(folder, { recursive: true }))

describe('frostgate explain', () => {
  test('says first whether it would run, and then by which rule and on what', async () => {
    const { code, stdout } = await explain('SELECT name, ssn FROM health.phi.patients')
    expect(code).toBe(0)
    expect(stdout.split('\n')[0]).toBe(
      'ALLOWED  Select by ai-agents/read-analytics, 1 masked column',
    )
    expect(stdout).toMatch(
      /^objects +HEALTH\.PHI\.PATIENTS +table read +by ai-agents\/read-analytics$/m,
    )
    expect(stdout).toContain('stars for all but the last 4 characters')
    expect(stdout).toMatch(/^runs +SELECT name, ssn FROM \(SELECT "ID"/m)
    expect(stdout).toMatch(/^result +NAME, SSN \(masked\)$/m)
  })

  test('shows the place of what is refused, and what to change', async () => {
    const { code, stdout } = await explain("SELECT name\nFROM health.phi.patients WHERE ssn = ''")
    expect(code).toBe(1)
    expect(stdout).toMatch(/^DENIED {2}Select \(ColumnUseRefused\)/)
    const lines = stdout.split('\n')
    const caret = lines.findIndex((line) => /^ +\^$/.test(line))
    expect(lines[caret - 1]?.slice(lines[caret]?.indexOf('^'))).toBe("ssn = ''")
    expect(stdout).toContain('usage: AtRead')
  })

  test('names the rule that denies', async () => {
    const { code, stdout } = await explain('DROP TABLE staging.public.events')
    expect(code).toBe(1)
    expect(stdout).toMatch(/^DENIED {2}DropTable by ai-agents\/never \(PolicyDenied\)/)
  })

  test('who matches no policy is not logged in', async () => {
    const words = ['--as', 'local:nobody', '--catalog', catalogFile]
    const { code, stdout } = await cli(['explain', quickstart, 'SELECT 1', ...words])
    expect(code).toBe(1)
    expect(stdout).toMatch(/^NOT LOGGED IN {2}no session \(PrincipalUnmatched\)/)
  })

  test('without a catalogue, says what the text decides, and names what is missing', async () => {
    const denied = await cli([
      'explain',
      quickstart,
      'SELECT * FROM staging.public.events',
      ...agent,
    ])
    expect(denied.stdout).toMatch(/^DENIED .*PolicyUncovered/)
    const open = await cli(['explain', quickstart, 'SELECT * FROM health.phi.patients', ...agent])
    expect(open.code).toBe(1)
    expect(open.stdout).toMatch(/^UNDECIDED/)
    expect(open.stdout).toContain('What is in HEALTH.PHI.PATIENTS is not known')
    const none = await cli(['explain', quickstart, 'SELECT 1', ...agent])
    expect(none).toMatchObject({ code: 0 })
  })

  test('names are completed from where the session stands', async () => {
    const words = ['--database', 'health', '--schema', 'phi']
    expect((await explain('SELECT id FROM patients', ...words)).code).toBe(0)
    expect((await explain('SELECT id FROM patients')).stdout).toContain('ObjectUnqualified')
  })

  test('a view is named with what is behind it', async () => {
    const { stdout } = await explain('SELECT ssn FROM health.phi.patient_directory')
    expect(stdout).toMatch(/HEALTH\.PHI\.PATIENTS +table behind a view/)
    expect(stdout).toContain('HEALTH.PHI.PATIENT_DIRECTORY.SSN  partial')
  })

  test('--json is the whole judgement', async () => {
    const { stdout } = await explain(
      'SELECT ssn AS s, count(*) FROM health.phi.patients GROUP BY 1',
      '--json',
    )
    expect(JSON.parse(stdout)).toMatchObject({
      verdict: 'deny',
      error: { name: 'ColumnUseRefused', line: 1 },
      statement: { kind: 'Select', class: 'Query' },
      functions: ['COUNT'],
      masks: [{ column: 'HEALTH.PHI.PATIENTS.SSN', rule: 'ssn', method: { kind: 'partial' } }],
      principal: { subject: 'agent-7', groups: ['ai-coding-agents'] },
    })
    const ran = await explain('SELECT ssn AS s, 1 + 1 FROM health.phi.patients', '--json')
    expect(JSON.parse(ran.stdout)).toMatchObject({
      verdict: 'allow',
      outputs: [
        { name: 'S', masked: true },
        { name: '1 + 1', masked: false },
      ],
    })
  })

  test('SQL may come on standard input', async () => {
    const words = ['explain', quickstart, '-', ...agent, '--catalog', catalogFile]
    const { code, stdout } = await frostgate(words, {}, '\ufeffSELECT 1\n')
    expect({ code, first: stdout.slice(0, 7) }).toEqual({ code: 0, first: 'ALLOWED' })
  })

  test('a token says who it is, and it is said that nothing was verified', async () => {
    const claims = { iss: 'http://127.0.0.1:8089', sub: 'a', groups: ['ai-coding-agents'] }
    const part = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
    const file = join(folder, 'token')
    await writeFile(file, `${part({ alg: 'none' })}.${part(claims)}.\n`)
    const outcome = await cli(['explain', quickstart, 'SELECT 1', '--token', file])
    expect(outcome).toMatchObject({ code: 0 })
    expect(outcome.stdout).toContain('local:a, groups: ai-coding-agents')
    expect(outcome.stderr).toContain('not verified')
    const both = await cli(['explain', quickstart, 'SELECT 1', '--token', file, '--as', 'local:b'])
    expect(both).toMatchObject({ code: 2 })
  })

  test.each([
    [['--as', 'lcal:a'], /Did you mean local\?/],
    [['--as', ':a'], /Write PROVIDER:SUBJECT/],
    [[], /--as local:SUBJECT/],
    [['--as', 'a', '--claim', 'x'], /Write NAME=VALUE/],
    [['--as', 'a', '--catalog', 'nope.yaml'], /nope\.yaml cannot be read: there is no such file/],
    [['--as', 'a', '--catalog', catalogFile, '--live'], /give one/],
    [['--as', 'a', '--dump-catalog'], /needs --live/],
    [['--as', 'a', '--schema', 'a b'], /Write one identifier/],
  ])('%j is a mistake of usage', async (words, message) => {
    const outcome = await cli(['explain', quickstart, 'SELECT 1', ...words])
    expect(outcome).toMatchObject({
      code: 2,
      stdout: '',
      stderr: expect.stringMatching(message) as string,
    })
  })

  test('nothing in the text steers the terminal', async () => {
    const { stdout } = await explain('SELECT \'\u001b[2J\', "\u202e"\tFROM')
    expect(stdout.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\p{Cf}]/u)
  })
})

describe('frostgate explain --live', () => {
  test('asks the warehouse of the embedded example, which agrees with the catalogue file', async () => {
    const sql = 'SELECT ssn, city FROM health.phi.patient_directory'
    const live = await cli(['explain', quickstart, sql, ...agent, '--live'])
    const file = await explain(sql)
    expect(live).toEqual(file)
    expect(live.code).toBe(0)
  }, 60_000)

  test('--dump-catalog writes the catalogue file down', async () => {
    const { code, stdout } = await cli(['explain', quickstart, '--live', '--dump-catalog'])
    expect(code).toBe(0)
    const file = join(folder, 'dumped.yaml')
    await writeFile(file, stdout)
    const tested = await cli(['lint', quickstart, '--catalog', file, '--json'])
    const written = await cli(['lint', quickstart, '--catalog', catalogFile, '--json'])
    const columns = (text: string) =>
      [...text.matchAll(/[A-Z]+\.[A-Z]+\.[A-Z]+\.[A-Z]+/g)].map(([name]) => name).toSorted()
    expect(columns(tested.stdout)).toEqual(columns(written.stdout))
  }, 60_000)
})
