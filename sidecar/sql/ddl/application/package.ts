/** https://docs.snowflake.com/en/sql-reference/sql/alter-application-package */

import type { Parser } from '../../parser/parser.ts'
import { assigned, maybeLabelled } from '../actions.ts'
import type { ActionParts } from '../actions.ts'
import { label } from '../label.ts'
import { options } from '../options.ts'
import type { Phrases } from '../phrases.ts'

const version: Phrases = { USING: 'place', COMMENT: 'value' }
const directive = { ACCOUNTS: 'list' } as const

/** `[n] FOR [VERSION] v [USING '@…']` */
export function patch(p: Parser): ActionParts {
  const number = p.at('FOR') ? [] : [label(p)]
  p.expect('FOR')
  p.accept('VERSION')
  const given = p.at('USING') ? [] : [label(p)]
  return { names: [...number, ...given], ...options(p, version) }
}

/** `d ACCOUNTS = (…) VERSION = v PATCH = n` */
export function releaseDirective(p: Parser): ActionParts {
  const names = [label(p)]
  return { names, ...options(p, directive) }
}

const channelActions: readonly (readonly [string, (p: Parser) => ActionParts])[] = [
  ['ADD VERSION', maybeLabelled({})],
  ['DROP VERSION', maybeLabelled({})],
  ['ADD ACCOUNTS', assigned('ACCOUNTS')],
  ['REMOVE ACCOUNTS', assigned('ACCOUNTS')],
  ['SET ACCOUNTS', assigned('ACCOUNTS')],
  ['SET DEFAULT RELEASE DIRECTIVE', (p) => options(p, directive)],
  ['SET RELEASE DIRECTIVE', releaseDirective],
  ['MODIFY RELEASE DIRECTIVE', releaseDirective],
  ['UNSET RELEASE DIRECTIVE', maybeLabelled({})],
]

/** `c ADD VERSION v`, `c SET DEFAULT RELEASE DIRECTIVE …`. */
export function packageChannel(p: Parser): ActionParts {
  const names = [label(p)]
  const found = channelActions.find(([words]) => p.accept(...words.split(' ')))
  if (found === undefined) return p.fail('ADD VERSION, DROP VERSION or RELEASE DIRECTIVE')
  const parts = found[1](p)
  return { ...parts, names: [...names, ...(parts.names ?? [])] }
}

/** `name [SEQUENCE_NUMBER = n]` */
export function specificationDecision(p: Parser): ActionParts {
  const names = [label(p)]
  return { names, ...options(p) }
}
