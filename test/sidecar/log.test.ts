/** No log line holds a credential or a row, whatever is handed to a call of the log. */

import { readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'

import fc from 'fast-check'
import ts from 'typescript'
import { describe, expect, test } from 'vitest'

import { errorFields, frostgateLog, withoutSecrets } from '../../sidecar/log.ts'
import { mintToken } from '../../sidecar/wire/tokens.ts'

const root = join(import.meta.dirname, '../..')
const levels = new Set(['trace', 'debug', 'info', 'warn', 'error', 'fatal'])

interface Call {
  readonly where: string
  readonly fields: readonly string[]
}

/** Every call of a log in the product, with the names of the fields that it hands over. */
function callsIn(file: string): readonly Call[] {
  const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true)
  const found: Call[] = []
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && isLogCall(node.expression)) {
      const { line } = source.getLineAndCharacterOfPosition(node.getStart())
      const where = `${relative(root, file)}:${line + 1}`
      found.push({ where, fields: fieldsOf(node.arguments[0]) })
    }
    ts.forEachChild(node, visit)
  }
  visit(source)
  return found
}

const isLogCall = (callee: ts.Expression): boolean =>
  ts.isPropertyAccessExpression(callee) &&
  levels.has(callee.name.text) &&
  /(^|[.#])log(ger)?$/.test(callee.expression.getText())

const fieldsOf = (argument: ts.Expression | undefined): readonly string[] =>
  argument !== undefined && ts.isObjectLiteralExpression(argument)
    ? argument.properties.flatMap((property) =>
        ts.isSpreadAssignment(property) ? ['spread'] : [property.name.getText()],
      )
    : ['given']

const product = ['sidecar', 'operator', 'cli'].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(root, folder, name)),
)
const calls = product.flatMap(callsIn)

const jwt = `eyJ${'h'.repeat(20)}.eyJ${'c'.repeat(40)}.${'s'.repeat(43)}`
const signature = 'f00dfeedf00dfeedf00dfeed'
const key = 'MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQ'
const row = '900-12-3456'

/** Each holds a secret, in the form in which it could come to a log. */
const texts: readonly string[] = [
  mintToken('session'),
  mintToken('master'),
  `http://127.0.0.1:1/chunks/${mintToken('chunk')}`,
  jwt,
  `Snowflake Token="${'ver:1-hint:5-ETMsDgAAAY'.repeat(2)}"`,
  `Bearer ${'p4t'.repeat(12)}`,
  `-----BEGIN PRIVATE KEY-----\n${key}\n-----END PRIVATE KEY-----`,
  `https://b.s3.us-west-2.amazonaws.com/results/1?X-Amz-Credential=${signature}&X-Amz-Signature=${signature}`,
  `https://a.blob.core.windows.net/results/1?sv=2024&sig=${signature}`,
  JSON.stringify({ token: signature, password: 'hunter2hunter2', qrmk: signature }),
]
const forbidden = [/fg-(session|master|chunk)-\w/, /eyJh/, /eyJc/, /ETMsDg/, /p4tp4t/, new RegExp(key), new RegExp(signature), /hunter2/, new RegExp(row)] // prettier-ignore

class HTTPParserError extends Error {
  readonly data = Buffer.from(row)
  readonly row = row
}

const errors = texts.map((text) => {
  const inner = new HTTPParserError(text)
  return Object.assign(new Error(`failed: ${text}`, { cause: inner }), { request: { text }, row })
})
const quoting = (() => {
  try {
    return JSON.parse(`{"ssn": ${row}`) as Error
  } catch (error) {
    return error as Error
  }
})()

function logged(log: (to: ReturnType<typeof frostgateLog>) => void): string {
  let out = ''
  log(frostgateLog('trace', { write: (line: string) => (out += line) }))
  return out
}

const leaks = (text: string): readonly string[] =>
  forbidden.filter((secret) => secret.test(text)).map(String)

describe('every call of a log', () => {
  test('is found', () => {
    expect(calls.length).toBeGreaterThan(40)
  })

  test.each(calls.map(({ where, fields }) => [where, fields] as const))(
    '%s tells no secret',
    (_where, fields) => {
      const handed = fields.flatMap((field) =>
        [...texts, ...errors, quoting].map((value) => ({ [field]: value })),
      )
      const out = logged((log) => {
        for (const one of handed) {
          // An error stands under `err`; elsewhere callers pass its message.
          const [[name, value] = ['', '']] = Object.entries(one)
          const plain = value instanceof Error && name !== 'err'
          log.error(plain ? { [name]: errorFields(value) } : one, 'said')
        }
        for (const text of texts) log.info(text)
      })
      expect(out.split('\n').length).toBeGreaterThan(handed.length)
      expect(leaks(out)).toEqual([])
    },
  )
})

describe('an error', () => {
  test('keeps what helps: type, message, code, entry, frames and causes', () => {
    const cause = Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:1'), {
      code: 'ECONNREFUSED',
    })
    const fields = errorFields(new TypeError('x is not a function', { cause }))
    expect(fields).toMatchObject({
      type: 'TypeError',
      message: 'x is not a function',
      cause: { code: 'ECONNREFUSED', message: 'connect ECONNREFUSED 127.0.0.1:1' },
    })
  })

  test('of a parser is told without what it quotes', () => {
    expect(JSON.stringify(errorFields(quoting))).not.toContain(row)
    expect(errorFields(quoting)).toMatchObject({ type: 'SyntaxError' })
  })

  test('that causes itself ends', () => {
    const error = new Error('round')
    error.cause = error
    expect(JSON.stringify(errorFields(error)).match(/round/g)?.length).toBeLessThan(8)
  })

  test('that is none is told by its type only', () => {
    expect(errorFields(row)).toBe('string')
  })
})

describe('what looks like a credential', () => {
  test('is cut out wherever it stands in a line', () => {
    fc.assert(
      fc.property(fc.string(), fc.constantFrom(...texts), fc.string(), (before, text, after) => {
        const line = JSON.stringify({ level: 30, msg: `${before} ${text} ${after}` })
        const clean = withoutSecrets(line)
        expect(leaks(clean)).toEqual([])
        expect(() => JSON.parse(clean) as unknown).not.toThrow()
      }),
    )
  })

  test.each([
    ['backslashes', '\\'.repeat(60_000)],
    ['escaped quotes', '\\"'.repeat(30_000)],
    ['beginnings of tokens', '-eyJaaaa'.repeat(8_000)],
    ['beginnings of keys', '-----BEGIN '.repeat(6_000)],
    ['escaped names', '\\"token\\":\\"'.repeat(5_000)],
    ['blanks', `Bearer${' '.repeat(60_000)}`],
    ['queries', '?sig='.repeat(12_000)],
  ])('is looked for in time that grows with the line: %s', (_what, text) => {
    const time = (line: string): number => {
      const before = process.cpuUsage().user
      withoutSecrets(line)
      return process.cpuUsage().user - before
    }
    time(text)
    // Of twice the text a quadratic pattern would take four times as long, of eight times 64.
    const [short, long] = [time(text.slice(0, text.length / 8)), time(text)]
    expect(long).toBeLessThan(24 * Math.max(short, 2_000))
  })

  test('is all that is cut out', () => {
    const line = '{"level":30,"url":"http://127.0.0.1:8085","bundle":"sha256:ab","msg":"listening"}'
    expect(withoutSecrets(line)).toBe(line)
  })
})
