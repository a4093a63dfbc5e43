/**
 * Functions and procedures: https://docs.snowflake.com/en/sql-reference/sql/create-function,
 * create-external-function, create-data-metric-function, create-procedure
 */

import type { Property, Returns } from '../../ast.ts'
import type { CodeKind, Parser } from '../../parser/parser.ts'
import { dataType } from '../../parser/types.ts'
import { inner } from '../bodies.ts'
import { codeBody } from '../body.ts'
import { createTail } from '../create-tail.ts'
import type { CreateGrammar } from '../create-tail.ts'
import { parameters } from '../parameters.ts'
import type { Phrases } from '../phrases.ts'
import { propertyValue } from '../properties.ts'
import type { CreateTail } from '../tails.ts'

const phrases: Phrases = {
  COMMENT: 'value',
  'COPY GRANTS': 'nothing',
  'CALLED ON NULL INPUT': 'nothing',
  'RETURNS NULL ON NULL INPUT': 'nothing',
  STRICT: 'nothing',
  VOLATILE: 'nothing',
  IMMUTABLE: 'nothing',
}

const functionPhrases: Phrases = { ...phrases, MEMOIZABLE: 'nothing' }

const procedurePhrases: Phrases = {
  ...phrases,
  'EXECUTE AS CALLER': 'nothing',
  'EXECUTE AS OWNER': 'nothing',
  'EXECUTE AS RESTRICTED CALLER': 'nothing',
}

export function functionTail(p: Parser): CreateTail {
  return routine(p, functionPhrases, 'function')
}

export function procedureTail(p: Parser): CreateTail {
  return routine(p, procedurePhrases, 'statements')
}

/** `AS 'https://…'` */
export function externalFunction(p: Parser): CreateTail {
  const given = parameters(p)
  const grammar = { phrases, clauses: { RETURNS: returns }, last: { AS: address } }
  const tail = createTail(p, grammar, { parameters: given })
  if (!has(tail, 'AS')) p.fail('AS and an address')
  return tail
}

function has({ properties = [] }: CreateTail, property: string): boolean {
  return properties.some(({ name }) => name === property)
}

/** Of what runs elsewhere: a URL, or the path on a service. */
function address(p: Parser): CreateTail {
  const start = p.index
  if (p.type() !== 'string') p.fail('an address in quotes')
  const value = propertyValue(p)
  const property: Property = { kind: 'Property', span: p.span(start), name: 'AS', value }
  return { properties: [property] }
}

function routine(p: Parser, words: Phrases, kind: CodeKind): CreateTail {
  const given = parameters(p)
  let language = 'SQL'
  const code = (inside: Parser) => body(inside, language, kind)
  const grammar: CreateGrammar = {
    phrases: words,
    clauses: {
      RETURNS: returns,
      LANGUAGE: (inside) => {
        language = languageName(inside)
        return {}
      },
    },
    last: { AS: (inside, before) => (has(before, 'SERVICE') ? address : code)(inside) },
  }
  const tail = createTail(p, grammar, { parameters: given })
  if (tail.returns === undefined) p.fail('RETURNS')
  // Other languages may have their code on a stage.
  const bodiless = tail.body === undefined && tail.statement === undefined && !has(tail, 'AS')
  if (language === 'SQL' && bodiless) p.fail('AS and a body')
  return tail
}

const languages = ['SQL', 'JAVASCRIPT', 'PYTHON', 'JAVA', 'SCALA'] as const

function languageName(p: Parser): string {
  return languages.find((word) => p.accept(word)) ?? p.fail(languages.join(', '))
}

function body(p: Parser, language: string, kind: CodeKind): CreateTail {
  if (p.at('BEGIN') || p.at('DECLARE')) return { statement: inner(p) }
  return { body: codeBody(p, language, kind) }
}

/** Behind RETURNS: a type, or `TABLE (name type, …)`. */
function returns(p: Parser): CreateTail {
  return { returns: returnsOf(p) }
}

function returnsOf(p: Parser): Returns {
  const table = p.accept('TABLE')
  const type = table ? 'TABLE' : dataType(p)
  const columns = table && p.at('(') ? parameters(p) : []
  const nullable = p.accept('NOT', 'NULL') ? false : p.accept('NULL') ? true : undefined
  return { type, columns, nullable }
}
