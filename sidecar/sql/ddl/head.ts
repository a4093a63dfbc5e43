/** The beginning that CREATE, ALTER, DROP and UNDROP share. */

import type { ObjectName, Parameter, TargetName } from '../ast.ts'
import { targetName } from '../parser/names.ts'
import type { Parser } from '../parser/parser.ts'
import { instances, objectClassAt } from './classes.ts'
import type { DdlVerb, ObjectClass } from './classes.ts'
import { label } from './label.ts'
import { signature } from './signature.ts'

export interface DdlHead {
  /** The index of the statement's first token. */
  readonly start: number
  readonly verb: DdlVerb
  readonly modifiers: readonly string[]
  readonly objectClass: ObjectClass
  /** The class that a schema holds, as `SNOWFLAKE.ML.FORECAST`, of which the object is one. */
  readonly instanceOf: ObjectName | undefined
  /** IF EXISTS or IF NOT EXISTS was said. */
  readonly conditional: boolean
  /** Undefined where the current one is meant: ALTER ACCOUNT, ALTER USER, ALTER WAREHOUSE. */
  readonly name: TargetName | undefined
  /** The argument types of a function or procedure that ALTER or DROP names. */
  readonly signature: readonly Parameter[]
}

/** Reads `<verb> [modifiers] <class> [IF [NOT] EXISTS] <name> [(types)] [IF NOT EXISTS]`. */
export function ddlHead(p: Parser, verb: DdlVerb): DdlHead {
  const start = p.index
  p.expect(verb)
  const modifiers = verb === 'CREATE' ? modifiersAt(p) : []
  const { objectClass, instanceOf } = classAt(p, verb, modifiers)
  const early = conditionalAt(p, verb)
  const name = nameOf(p, objectClass, verb)
  const creates = verb === 'CREATE' || verb === 'DEFINE'
  const typed = objectClass.naming === 'signature' && !creates
  const types = typed ? signature(p) : []
  const late = !early && verb === 'CREATE' && conditionalAt(p, verb)
  const conditional = early || late
  return { start, verb, modifiers, objectClass, instanceOf, conditional, name, signature: types }
}

const scopes = ['LOCAL', 'GLOBAL', 'SCOPED'] as const
const temporary = ['TEMPORARY', 'TEMP', 'VOLATILE'] as const

/** Words between CREATE and the class; of each row at most one. */
const modifierRows = [
  ['OR REPLACE', 'OR ALTER'],
  scopes,
  [...temporary, 'TRANSIENT'],
  ['SECURE'],
  ['RECURSIVE'],
  ['AGGREGATE'],
  ['READ ONLY'],
] as const

/** The rows that stand before any class. */
const anyClass: ReadonlySet<string> = new Set(modifierRows[0])

function modifiersAt(p: Parser): readonly string[] {
  const given: string[] = []
  const used = new Set<readonly string[]>()
  for (;;) {
    const row = modifierRows.find((words) => words.some((word) => p.ahead(...word.split(' '))))
    const next = row?.find((word) => p.ahead(...word.split(' ')))
    if (row === undefined || next === undefined) return checked(p, given)
    if (used.has(row)) p.fail('a class of objects such as TABLE')
    used.add(row)
    p.expect(...next.split(' '))
    given.push(next)
  }
}

/** LOCAL, GLOBAL and READ ONLY say what kind of temporary object it is. */
function checked(p: Parser, given: readonly string[]): readonly string[] {
  const said = (words: readonly string[]) => words.some((word) => given.includes(word))
  if (said([...scopes, 'READ ONLY']) && !said(temporary)) p.fail('TEMPORARY')
  return given
}

function classAt(
  p: Parser,
  verb: DdlVerb,
  modifiers: readonly string[],
): Pick<DdlHead, 'objectClass' | 'instanceOf'> {
  const objectClass = objectClassAt(p)
  if (objectClass === undefined) {
    if (!p.atIdentifier() || !p.at('.', 1)) p.fail('a class of objects such as TABLE')
    checkClass(p, instances, verb, modifiers)
    return { objectClass: instances, instanceOf: p.objectName('a class of objects') }
  }
  checkClass(p, objectClass, verb, modifiers)
  p.expect(...objectClass.name.split(' '))
  return { objectClass, instanceOf: undefined }
}

function checkClass(
  p: Parser,
  { verbs = ['CREATE', 'ALTER', 'DROP'], modifiers: own = [] }: ObjectClass,
  verb: DdlVerb,
  modifiers: readonly string[],
): void {
  // What can be created can be defined.
  if (!verbs.includes(verb === 'DEFINE' ? 'CREATE' : verb))
    p.fail(`a class of objects that ${verb} knows`)
  const wrong = modifiers.find((modifier) => !anyClass.has(modifier) && !own.includes(modifier))
  if (wrong !== undefined) p.fail(`a class of objects that can be ${wrong}`)
}

/** Actions that may follow a name that is left out. */
const unnamedActions: ReadonlySet<string> = new Set([
  ...['SET', 'UNSET', 'SUSPEND', 'RESUME', 'ABORT', 'ADD', 'REMOVE', 'MODIFY', 'ROTATE', 'RESET'],
])

function nameOf(p: Parser, { name, naming }: ObjectClass, verb: DdlVerb): TargetName | undefined {
  const expected = `the name of the ${name.toLowerCase()}`
  if (naming === 'optional' && verb === 'ALTER' && atUnnamed(p)) return undefined
  if (naming !== 'text' || p.type() !== 'string') return targetName(p, expected)
  const part = label(p)
  return { kind: 'ObjectName', span: part.span, parts: [part] }
}

/** An object called SUSPEND would have another action behind its name. */
function atUnnamed(p: Parser): boolean {
  if (!p.atAny(unnamedActions)) return false
  return p.at('SET') || !(p.atAny(unnamedActions, 1) || p.at('RENAME', 1))
}

function conditionalAt(p: Parser, verb: DdlVerb): boolean {
  if (verb === 'UNDROP' || verb === 'DEFINE') return false
  return verb === 'CREATE' ? p.accept('IF', 'NOT', 'EXISTS') : p.accept('IF', 'EXISTS')
}
