/** YAML text to plain values that know their places; what two YAML readers differ on is refused. */

import type { Document, YAMLMap } from 'yaml'
import {
  isAlias,
  isMap,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  parseAllDocuments,
  visit,
} from 'yaml'
import type { FieldPath } from '../../crds/field-path.ts'
import type { Locate } from './objects.ts'
import type { Problem } from './problem.ts'

export interface YamlDocument {
  readonly value: unknown
  readonly locate: Locate
}

export interface ReadDocuments {
  readonly documents: readonly YamlDocument[]
  readonly problems: readonly Problem[]
}

/**
 * The documents of a file, in order; empty ones are left out. A document with a problem is left
 * out too.
 */
export function readDocuments(file: string, text: string): ReadDocuments {
  const lines = new LineCounter()
  const problemAt = (offset: number, message: string, advice: string): Problem => {
    const { line, col } = lines.linePos(offset)
    return { file, line, column: col, object: undefined, field: '', message, advice }
  }
  try {
    const read = parseAllDocuments(text, { lineCounter: lines, prettyErrors: false }).map(
      (document): ReadDocuments => {
        const problems = [...syntaxErrors(document), ...ambiguities(document)].map(
          ({ offset, message, advice }) => problemAt(offset, message, advice),
        )
        if (problems.length > 0) return { documents: [], problems }
        const value: unknown = document.toJS({ maxAliasCount })
        const locate = locator(file, lines, document)
        return { documents: value === null ? [] : [{ value, locate }], problems }
      },
    )
    return {
      documents: read.flatMap(({ documents }) => documents),
      problems: read.flatMap(({ problems }) => problems),
    }
  } catch (error) {
    // Too many aliases, or nesting that exhausts the stack: the reader throws instead of reporting.
    const reason = error instanceof Error ? error.message : String(error)
    const message = `not usable YAML: ${withoutStop(reason)}`
    return { documents: [], problems: [problemAt(0, message, 'Write it more plainly.')] }
  }
}

interface Finding {
  readonly offset: number
  readonly message: string
  readonly advice: string
}

/** What aliases may expand to, so that a small file cannot fill the memory. */
const maxAliasCount = 100

/** One slip makes the reader stumble on: what comes after says little. */
const maxSyntaxErrors = 3

function syntaxErrors(document: Document): readonly Finding[] {
  const errors = [...document.errors, ...document.warnings].slice(0, maxSyntaxErrors)
  return errors.map(({ pos, message }) => ({
    offset: pos[0],
    message: `not valid YAML: ${withoutStop(message)}`,
    advice: 'Correct the YAML here.',
  }))
}

/** What YAML 1.1, which kubectl reads, takes for a boolean or another number, unlike YAML 1.2. */
const differing: readonly { readonly pattern: RegExp; readonly what: string }[] = [
  { pattern: /^(?:y|yes|n|no|on|off)$/i, what: 'a plain y, n, yes, no, on or off' },
  {
    pattern: /^[-+]?(?:0[0-9_]+|[0-9]+(?:_[0-9]*)+)$/,
    what: 'a number with a leading 0 or an underscore',
  },
]

function ambiguities(document: Document): readonly Finding[] {
  const found: Finding[] = []
  const refuse = (node: unknown, what: string) => {
    found.push({
      offset: startOf(node),
      message: `${what} is read differently by different YAML readers`,
      advice: 'Put it in quotes.',
    })
  }
  visit(document, {
    Scalar(key, node) {
      if (node.type !== 'PLAIN') return
      const differs = differing.find(({ pattern }) => pattern.test(node.source ?? ''))
      if (key === 'key' && typeof node.value !== 'string') refuse(node, notString)
      else if (differs !== undefined) refuse(node, differs.what)
    },
    Pair(_, pair) {
      if (!isScalar(pair.key)) refuse(pair.key, notString)
    },
  })
  return found
}

const notString = 'a key that is not a string'

function locator(file: string, lines: LineCounter, document: Document): Locate {
  return (path) => {
    const { line, col } = lines.linePos(offsetOf(document, path))
    return { file, line, column: col }
  }
}

/** A field is where its key is, a list's entry where it starts. */
function offsetOf(document: Document, path: FieldPath): number {
  let node: unknown = document.contents
  let offset = startOf(node)
  for (const step of path) {
    if (isAlias(node)) node = node.resolve(document)
    if (isMap(node)) {
      const pair = pairOf(node, step)
      if (pair === undefined) return offset
      offset = startOf(pair.key)
      node = pair.value
    } else if (isSeq(node) && typeof step === 'number' && step < node.items.length) {
      node = node.items[step]
      offset = startOf(node)
    } else return offset
  }
  return offset
}

function pairOf(map: YAMLMap, name: string | number) {
  return map.items.find((pair) => isPair(pair) && isScalar(pair.key) && pair.key.value === name)
}

function startOf(node: unknown): number {
  const { range } = (node ?? {}) as { readonly range?: readonly number[] | null }
  return range?.[0] ?? 0
}

function withoutStop(message: string): string {
  return message.replace(/\.$/, '')
}
