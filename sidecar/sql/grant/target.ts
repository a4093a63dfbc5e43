/** What privileges are granted on: the account, one object, or all of a class somewhere. */

import type { TargetName } from '../ast.ts'
import type { Parser } from '../parser/parser.ts'
import { takePhrase } from '../parser/phrases.ts'
import { pluralAt, singular } from './classes.ts'
import { nameOf, securable } from './securable.ts'

export interface GrantTarget {
  /** ACCOUNT, TABLE, …; of ALL and FUTURE the class of each object meant. */
  readonly objectClass: string
  readonly every: 'ALL' | 'FUTURE' | undefined
  /** The class of what they are in; undefined for one object. */
  readonly within: string | undefined
  /** The object, or with `within` what holds the objects; undefined for the account. */
  readonly name: TargetName | undefined
  readonly types: readonly string[] | undefined
}

export function grantTarget(
  p: Parser,
  caller: 'CALLER' | 'INHERITED CALLER' | undefined,
): GrantTarget {
  if (caller === 'INHERITED CALLER') {
    p.expect('ALL')
    return everything(p, 'ALL', [...containers, ...widerContainers])
  }
  const one = { every: undefined, within: undefined, name: undefined, types: undefined } as const
  if (p.accept('ACCOUNT')) return { ...one, objectClass: 'ACCOUNT' }
  const every = (['ALL', 'FUTURE'] as const).find((word) => p.at(word))
  if (every === undefined || caller !== undefined) return { ...one, ...securable(p) }
  p.keywords(1)
  return everything(p, every, containers)
}

const containers = ['DATABASE', 'SCHEMA']
/** Of caller grants, which are inherited by all that these hold. */
const widerContainers = ['APPLICATION PACKAGE', 'APPLICATION', 'ACCOUNT']

function everything(p: Parser, every: 'ALL' | 'FUTURE', possible: readonly string[]): GrantTarget {
  const objects = pluralAt(p)
  if (objects === undefined) return p.fail('a class of objects such as TABLES')
  takePhrase(p, objects)
  p.expect('IN')
  const within = possible.find((words) => p.ahead(...words.split(' ')))
  if (within === undefined) return p.fail(possible.join(' or '))
  takePhrase(p, within)
  const name = within === 'ACCOUNT' ? undefined : nameOf(p, within)
  return { objectClass: singular(objects), every, within, name, types: undefined }
}
