/** ALTER USER: https://docs.snowflake.com/en/sql-reference/sql/alter-user */

import { targetName } from '../../parser/names.ts'
import type { Parser } from '../../parser/parser.ts'
import type { ActionParts } from '../actions.ts'
import { attachment } from '../attachments.ts'
import { label } from '../label.ts'
import { setOptions } from '../options.ts'

const integration = 'SECURITY INTEGRATION'

/** `<role> TO SECURITY INTEGRATION <name>`, or FROM. */
export function delegatedAuthorization(word: 'TO' | 'FROM'): (p: Parser) => ActionParts {
  return (p) => {
    const start = p.index
    const role = targetName(p, 'the name of a role')
    const attachments = [attachment(p, start, 'ROLE', role)]
    p.expect(word, 'SECURITY', 'INTEGRATION')
    return { attachments, ...delegatedAuthorizations(p) }
  }
}

export function delegatedAuthorizations(p: Parser): ActionParts {
  return { target: targetName(p, 'the name of a security integration'), targetClass: integration }
}

/** `<token> SET …` or `<token> RENAME TO …`. */
export function tokenChange(p: Parser): ActionParts {
  const names = [label(p)]
  if (p.accept('RENAME', 'TO')) return { names: [...names, label(p)] }
  p.expect('SET')
  return { names, ...setOptions(p) }
}

export function mfaMethod(p: Parser): ActionParts {
  const names = [label(p)]
  p.expect('SET')
  return { names, ...setOptions(p) }
}
