/**
 * Names and patterns of names as policies write them, read as Snowflake reads identifiers:
 * unquoted ones are folded to upper case, quoted ones are exact. `*` is any one part.
 */

import type { ColumnPattern, ObjectPattern } from '../../sidecar/control/bundle.ts'

export interface PatternError {
  readonly message: string
  readonly advice: string
}

export type Parsed<T> = { readonly value: T } | PatternError

interface QualifiedName {
  readonly database: string
  readonly schema: string
  readonly name: string
}

/** One part of a name as written. */
interface Part {
  /** The names it allows: one, unless braces list several; null is any name. */
  readonly names: readonly (string | null)[]
  readonly braces: boolean
}

/** Snowflake's longest identifier. */
const maxIdentifier = 255

const objectForm = 'Write DATABASE.SCHEMA.NAME, each part an identifier or *.'
const columnForm = 'Write DATABASE.SCHEMA.NAME.COLUMN, each part an identifier or *.'

/** `ANALYTICS.*.*`, `HEALTH.PHI."Patients"`. */
export function parseObjectPattern(text: string): Parsed<ObjectPattern> {
  const parsed = parseParts(text, 3, objectForm)
  if ('message' in parsed) return parsed
  const [database, schema, name] = singleNames(parsed.value)
  if (database === undefined || schema === undefined || name === undefined) {
    return { message: `${quote(text)} has braces, which only columns may have`, advice: objectForm }
  }
  return { value: { database, schema, name } }
}

/** `HEALTH.PHI.PATIENTS.{SSN,DOB}`: one pattern for each column listed. */
export function parseColumnPattern(text: string): Parsed<readonly ColumnPattern[]> {
  const parsed = parseParts(text, 4, columnForm)
  if ('message' in parsed) return parsed
  const [database, schema, name] = singleNames(parsed.value)
  if (database === undefined || schema === undefined || name === undefined) {
    return { message: `${quote(text)} has braces before its column part`, advice: columnForm }
  }
  const columns = parsed.value[3]?.names ?? []
  return { value: columns.map((column) => ({ database, schema, name, column })) }
}

/** `GOV.TAGS.PII`: one object, no wildcards. */
export function parseQualifiedName(text: string): Parsed<QualifiedName> {
  const advice = 'Write DATABASE.SCHEMA.NAME, each part an identifier.'
  const parsed = parseParts(text, 3, advice)
  if ('message' in parsed) return parsed
  const [database, schema, name] = singleNames(parsed.value)
  return typeof database === 'string' && typeof schema === 'string' && typeof name === 'string'
    ? { value: { database, schema, name } }
    : { message: `${quote(text)} is not the name of one object`, advice }
}

/** A role or warehouse: one identifier, as stored. */
export function parseIdentifier(text: string): Parsed<string> {
  const parsed = parseParts(text, 1, 'Write one identifier; quote it as in SQL if it needs quotes.')
  if ('message' in parsed) return parsed
  const [name] = singleNames(parsed.value)
  return typeof name === 'string'
    ? { value: name }
    : { message: `${quote(text)} is not one name`, advice: 'Write one identifier.' }
}

/** `NAME` or `DATABASE.SCHEMA.NAME`, folded; the parts joined by dots. */
export function parseFunctionName(text: string): Parsed<string> {
  const advice = 'Write NAME for a built-in function, DATABASE.SCHEMA.NAME for another.'
  const one = parseParts(text, 1, advice)
  const parsed = 'message' in one ? parseParts(text, 3, advice) : one
  if ('message' in parsed) return parsed
  const names = singleNames(parsed.value)
  return names.every((name) => typeof name === 'string' && /^[A-Z_][A-Z0-9_$]*$/.test(name))
    ? { value: names.join('.') }
    : { message: `${quote(text)} is not the name of one function`, advice }
}

/** The name of each part; undefined for one in braces. */
function singleNames(parts: readonly Part[]): readonly (string | null | undefined)[] {
  return parts.map(({ names, braces }) => (braces ? undefined : names[0]))
}

function parseParts(text: string, count: number, form: string): Parsed<readonly Part[]> {
  const parts: Part[] = []
  let rest = text
  for (;;) {
    const part = takePart(rest)
    if ('message' in part)
      return { message: `${quote(text)}: ${part.message}`, advice: part.advice }
    parts.push(part)
    rest = part.rest
    if (rest === '') break
    if (!rest.startsWith('.')) {
      return {
        message: `${quote(text)} cannot be read from ${quote(rest)} on`,
        advice: `${form} A * stands for a whole part; other characters need double quotes.`,
      }
    }
    rest = rest.slice(1)
  }
  if (parts.length === count) return { value: parts }
  return { message: `${quote(text)} has ${parts.length} parts instead of ${count}`, advice: form }
}

type Taken = (Part & { readonly rest: string }) | PatternError

function takePart(text: string): Taken {
  if (text.startsWith('*')) return { names: [null], braces: false, rest: text.slice(1) }
  if (!text.startsWith('{')) {
    const taken = takeIdentifier(text)
    return 'message' in taken ? taken : { names: [taken.name], braces: false, rest: taken.rest }
  }
  const names: string[] = []
  let rest = text
  do {
    const taken = takeIdentifier(rest.slice(1).trimStart())
    if ('message' in taken) return taken
    names.push(taken.name)
    rest = taken.rest.trimStart()
  } while (rest.startsWith(','))
  if (rest.startsWith('}')) return { names, braces: true, rest: rest.slice(1) }
  return { message: 'braces are not closed', advice: 'Write {SSN,DOB}.' }
}

function takeIdentifier(
  text: string,
): { readonly name: string; readonly rest: string } | PatternError {
  const [written, quoted] = /^(?:"((?:[^"]|"")*)"|[A-Za-z_][A-Za-z0-9_$]*)/.exec(text) ?? []
  if (written === undefined || quoted === '') {
    return {
      message: `a name is missing before ${quote(text)}`,
      advice:
        'A name is letters, digits, _ and $, not starting with a digit, or anything in double quotes.',
    }
  }
  const name = quoted === undefined ? written.toUpperCase() : quoted.replaceAll('""', '"')
  if (name.length > maxIdentifier) {
    return { message: 'a name is too long', advice: `Up to ${maxIdentifier} characters.` }
  }
  return { name, rest: text.slice(written.length) }
}

function quote(text: string): string {
  return text === '' ? 'the end' : `"${text.length > 80 ? `${text.slice(0, 77)}…` : text}"`
}
