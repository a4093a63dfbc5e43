/** An object with its class in front: `TABLE a.b`, `FUNCTION f(NUMBER)`. */

import type { TargetName } from '../ast.ts'
import { targetName } from '../parser/names.ts'
import type { Parser } from '../parser/parser.ts'
import { takePhrase } from '../parser/phrases.ts'
import { dataType } from '../parser/types.ts'
import { classAt, hasSignature, mostParts } from './classes.ts'

export interface Securable {
  readonly objectClass: string
  readonly name: TargetName
  /** Types of arguments, canonical; undefined where none are written. */
  readonly types: readonly string[] | undefined
}

/** Errors: SqlSyntax, if no class comes next or the name is too long for its class. */
export function securable(p: Parser): Securable {
  const objectClass = classAt(p)
  if (objectClass === undefined) return p.fail('a class of objects such as TABLE')
  takePhrase(p, objectClass)
  const name = nameOf(p, objectClass)
  // The pages of GRANT … TO SHARE and COMMENT name functions without their types too.
  const types = hasSignature(objectClass) && p.at('(') ? signature(p) : undefined
  return { objectClass, name, types }
}

/** The name of an object of a class, of no more parts than such names have. */
export function nameOf(p: Parser, objectClass: string, parts = mostParts(objectClass)): TargetName {
  const name = targetName(p, `the name of a ${objectClass.toLowerCase()}`)
  if (name.kind === 'ObjectName' && name.parts.length > parts) {
    p.fail(`at most ${parts} ${parts === 1 ? 'part' : 'parts'} in the name`)
  }
  return name
}

/** `(NUMBER, VARCHAR)`, `()`; a data metric function takes `(TABLE(NUMBER))`. */
export function signature(p: Parser): readonly string[] {
  p.expect('(')
  const types = p.at(')') ? [] : p.list(() => argumentType(p))
  p.expect(')')
  return types
}

function argumentType(p: Parser): string {
  if (!p.accept('TABLE')) return dataType(p)
  p.expect('(')
  const columns = p.at(')') ? [] : p.list(() => dataType(p))
  p.expect(')')
  return `TABLE(${columns.join(',')})`
}
