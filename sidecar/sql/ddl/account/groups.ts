/** Lists of accounts, databases and shares in ALTER of accounts and of what is replicated. */

import type { PropertyList } from '../../ast.ts'
import { targetName } from '../../parser/names.ts'
import type { Parser } from '../../parser/parser.ts'
import type { ActionParts } from '../actions.ts'
import { options } from '../options.ts'

/** `org.a, org.b [IGNORE EDITION CHECK]` */
export function accounts(p: Parser): ActionParts {
  const listed = list(p, 'ACCOUNTS')
  p.accept('IGNORE', 'EDITION', 'CHECK')
  return listed
}

const lists = [
  ...(['ALLOWED_DATABASES', 'ALLOWED_SHARES', 'ALLOWED_ACCOUNTS'] as const),
  'ALLOWED_EXTERNAL_VOLUMES',
] as const
const groups = ['FAILOVER GROUP', 'REPLICATION GROUP'] as const

/** `a, b TO ALLOWED_DATABASES`, `a TO FAILOVER GROUP g`. */
export function addTo(p: Parser): ActionParts {
  return moved(p, 'TO')
}

/** `a, b FROM ALLOWED_DATABASES` */
export function removeFrom(p: Parser): ActionParts {
  return moved(p, 'FROM')
}

function moved(p: Parser, word: 'TO' | 'FROM'): ActionParts {
  const start = p.index
  const value = names(p)
  p.expect(word)
  const group = groups.find((words) => p.accept(...words.split(' ')))
  if (group !== undefined) {
    const listed = { kind: 'Property', span: value.span, name: 'ALLOWED_DATABASES', value } as const
    const target = targetName(p, `the name of the ${group.toLowerCase()}`)
    return { properties: [listed], target, targetClass: group }
  }
  const name = lists.find((list_) => p.accept(list_))
  if (name === undefined) p.fail(lists.join(', '))
  p.accept('IGNORE', 'EDITION', 'CHECK')
  return { properties: [{ kind: 'Property', span: p.span(start), name, value }] }
}

function list(p: Parser, name: string): ActionParts {
  const value = names(p)
  return { properties: [{ kind: 'Property', span: value.span, name, value }] }
}

function names(p: Parser): PropertyList {
  const start = p.index
  const items = p.list(() => targetName(p, 'a name'))
  return { kind: 'PropertyList', span: p.span(start), items }
}

/** RENAME TO of an account, whose old address may go on. */
export function renamedAccount(p: Parser): ActionParts {
  const target = targetName(p, 'the new name')
  return { target, ...options(p, {}) }
}
