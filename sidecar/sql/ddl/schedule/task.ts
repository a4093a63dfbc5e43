/** Tasks: https://docs.snowflake.com/en/sql-reference/sql/create-task, alter-task */

import { targetName } from '../../parser/names.ts'
import type { Parser } from '../../parser/parser.ts'
import { namingSeveral } from '../actions.ts'
import type { ActionParts, Actions } from '../actions.ts'
import { attachment } from '../attachments.ts'
import { runnable } from '../bodies.ts'
import type { Clauses } from '../create-tail.ts'
import type { Phrases } from '../phrases.ts'

export const taskPhrases: Phrases = {
  COMMENT: 'value',
  'COPY GRANTS': 'nothing',
  AFTER: 'names',
  'EXECUTE AS USER': 'name',
}

export const taskClauses: Clauses = {
  WHEN: (p) => ({ expressions: [p.rules.expression(p)] }),
  'EXECUTE AS USER': (p) => {
    const start = p.index
    return { attachments: [attachment(p, start, 'USER', targetName(p, 'the name of a user'))] }
  },
}

export const taskActions: Actions = {
  SUSPEND: 'nothing',
  RESUME: 'nothing',
  'ADD AFTER': namingSeveral('AFTER'),
  'REMOVE AFTER': namingSeveral('AFTER'),
  'MODIFY AS': newBody,
  'MODIFY WHEN': (p) => ({ expressions: [p.rules.expression(p)] }),
  'REMOVE WHEN': 'nothing',
}

function newBody(p: Parser): ActionParts {
  return runnable(p)
}
