import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect, test } from 'vitest'

import type { FactsAnswer } from '../../../cli/facts/answer.ts'
import { openTerminal } from '../../../cli/output.ts'
import { run } from '../../../cli/program.ts'
import { frostgate } from '../frostgate.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'frostgate-facts-'))
})
afterAll(() => rm(folder, { recursive: true }))

const answers = (stdout: string): FactsAnswer[] =>
  stdout
    .split('\n')
    .slice(0, -1)
    .map((line) => JSON.parse(line) as FactsAnswer)

describe('frostgate facts', () => {
  test('a file is one input and gives one line, with each of its statements', async () => {
    const file = join(folder, 'two.sql')
    await writeFile(file, '\ufeffselect "a" from a.B."t"; -- c\nDROP TABLE if exists x;\n')
    const { code, stdout, stderr } = await frostgate(['facts', file])
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' })
    const [only, ...more] = answers(stdout)
    expect(more).toEqual([])
    expect(only).toMatchObject({
      ok: true,
      statements: [
        { kind: 'Select', class: 'Query', structured: true, reads: ['A.B."t"'], writes: [] },
        { kind: 'DropTable', class: 'Drop', reads: [], writes: ['X'] },
      ],
    })
    expect(stdout).toContain('"emitted":"DROP TABLE IF EXISTS x"')
  })

  test('what is refused says where, and is exit code 1', async () => {
    const { code, stdout } = await frostgate(['facts', '-'], {}, 'SELECT a\nFROM t WHERE')
    expect(code).toBe(1)
    expect(answers(stdout)).toMatchObject([
      { ok: false, error: { code: 'SqlSyntax', line: 2, column: 13 } },
    ])
  })

  test.each([true, false])(
    'a caret shows the place where stderr is a terminal: %s',
    async (isTTY) => {
      const file = join(folder, 'wrong.sql')
      await writeFile(file, 'SELECT a\nFROM t WHERE )')
      let [out, error] = ['', '']
      const stdout = { write: (text: string) => (out += text) }
      const stderr = { isTTY, write: (text: string) => (error += text) }
      await run(
        ['facts', file],
        openTerminal(stdout, stderr, {}, () => undefined),
      )
      expect(answers(out)).toHaveLength(1)
      if (isTTY) expect(error).toContain('\n  FROM t WHERE )\n               ^\n')
      else expect(error).toBe('')
    },
  )

  test('nothing at all is no error', async () => {
    const { code, stdout } = await frostgate(['facts'], {}, '')
    expect({ code, stdout }).toEqual({ code: 0, stdout: '{"ok":true,"statements":[]}\n' })
  })

  test('a file that is not there is a mistake of usage', async () => {
    const { code, stdout, stderr } = await frostgate(['facts', join(folder, 'none.sql')])
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
    expect(stderr).toContain('ENOENT')
    expect(stderr).toContain('or - for standard input')
  })
})

describe('frostgate facts --json-lines', () => {
  test('each line has its answer, in order, also those that are no statement', async () => {
    const input = [
      '{"sql":"SELECT 1"}',
      '',
      'nonsense',
      '{"sql":7}',
      '{"sql":"-- \u2028"}',
      '{"sql":"SELECT \'\u2028\u0085\u00e9\'"}\r',
      '{"sql":"SELECT FROM"}',
    ].join('\n')
    const { code, stdout } = await frostgate(['facts', '--json-lines'], {}, input)
    expect(code).toBe(0)
    expect(
      answers(stdout).map((answer) =>
        answer.ok ? answer.statements.map(({ kind }) => kind).join() : answer.error.code,
      ),
    ).toEqual(['Select', '', 'InputInvalid', 'InputInvalid', 'SqlLexical', 'Select', 'SqlSyntax'])
  })

  test('ten thousand lines pass through one process in order', async () => {
    const count = 10_000
    const input = Array.from({ length: count }, (_, n) => `{"sql":"SELECT c FROM t${n}"}\n`).join(
      '',
    )
    const { stdout } = await frostgate(['facts', '-', '--json-lines'], {}, input)
    const found = answers(stdout).flatMap((answer) =>
      answer.ok ? answer.statements.flatMap(({ reads }) => reads) : ['refused'],
    )
    expect(found).toEqual(Array.from({ length: count }, (_, n) => `T${n}`))
  })
})
