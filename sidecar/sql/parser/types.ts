/** Data types: https://docs.snowflake.com/en/sql-reference/intro-summary-data-types */

import { quoteIdentifier } from '../names.ts'
import { intervalFields } from './interval.ts'
import type { Parser } from './parser.ts'

type Shape = 'plain' | 'sized' | 'array' | 'map' | 'object' | 'vector' | 'interval'

function shape(kind: Shape, names: string): readonly (readonly [string, Shape])[] {
  return names.split(' ').map((name) => [name, kind] as const)
}

const types: ReadonlyMap<string, Shape> = new Map([
  ...shape('plain', 'INT INTEGER BIGINT SMALLINT TINYINT BYTEINT FLOAT4 FLOAT8 DOUBLE REAL'),
  ...shape('plain', 'BOOLEAN DATE VARIANT GEOGRAPHY GEOMETRY FILE UUID'),
  ...shape('sized', 'NUMBER DECIMAL NUMERIC DEC FLOAT DECFLOAT'),
  ...shape('sized', 'VARCHAR CHAR CHARACTER NCHAR STRING TEXT NVARCHAR NVARCHAR2 BINARY VARBINARY'),
  ...shape('sized', 'TIME DATETIME TIMESTAMP TIMESTAMP_NTZ TIMESTAMP_LTZ TIMESTAMP_TZ'),
  ...shape('sized', 'TIMESTAMPNTZ TIMESTAMPLTZ TIMESTAMPTZ'),
  ...shape('array', 'ARRAY'),
  ...shape('map', 'MAP'),
  ...shape('object', 'OBJECT'),
  ...shape('vector', 'VECTOR'),
  ...shape('interval', 'INTERVAL'),
])

/** Words that go on a type's name. */
const continuations: Readonly<Record<string, readonly (readonly string[])[]>> = {
  DOUBLE: [['PRECISION']],
  CHAR: [['VARYING']],
  CHARACTER: [['VARYING']],
  NCHAR: [['VARYING']],
  TIMESTAMP: [
    ['WITH', 'TIME', 'ZONE'],
    ['WITH', 'LOCAL', 'TIME', 'ZONE'],
    ['WITHOUT', 'TIME', 'ZONE'],
  ],
}

/** The type's canonical text: `NUMBER(10,2)`, `ARRAY(INT NOT NULL)`. */
export function dataType(p: Parser): string {
  const start = p.index
  typeTokens(p)
  let text = ''
  for (let index = start; index < p.index; index += 1) {
    const token = p.tokens[index]
    const value = token?.type === 'quoted' ? quoteIdentifier(token.value) : (token?.value ?? '')
    text += /[\w")]$/.test(text) && /^[\w"]/.test(value) ? ` ${value}` : value
  }
  return text
}

function typeTokens(p: Parser): void {
  const token = p.peek()
  const kind = token?.type === 'word' ? types.get(token.value) : undefined
  if (token === undefined || kind === undefined) return p.fail('a data type')
  p.enter()
  p.keywords(1)
  for (const words of continuations[token.value] ?? []) if (p.accept(...words)) break
  if (kind === 'interval') {
    intervalFields(p)
  } else if (kind !== 'plain' && p.accept('(')) {
    arguments_[kind](p)
    p.expect(')')
  } else if (kind === 'map' || kind === 'vector') {
    p.fail('"("')
  }
  p.leave()
}

const arguments_: Readonly<Record<Exclude<Shape, 'plain' | 'interval'>, (p: Parser) => void>> = {
  sized: (p) => {
    p.list(() => {
      numberText(p)
    })
  },
  array: elementType,
  map: (p) => {
    typeTokens(p)
    p.expect(',')
    elementType(p)
  },
  object: (p) => {
    p.list(() => {
      if (!p.atIdentifier()) p.fail('a field name')
      p.takeText('a field name')
      elementType(p)
    })
  },
  vector: (p) => {
    typeTokens(p)
    p.expect(',')
    numberText(p)
  },
}

function elementType(p: Parser): void {
  typeTokens(p)
  p.accept('NOT', 'NULL')
}

function numberText(p: Parser): void {
  if (p.type() !== 'number') p.fail('a number')
  p.takeText('a number')
}
