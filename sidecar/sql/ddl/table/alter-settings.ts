/** SET and UNSET of tables and views, RENAME TO, policies. */

import type { AlterAction, Attachment, Expression } from '../../ast.ts'
import { targetName } from '../../parser/names.ts'
import type { Parser } from '../../parser/parser.ts'
import { action, unsetProperty } from '../actions.ts'
import { attachment, contacts, policyNamed, relationPolicies, tagNames } from '../attachments.ts'
import type { PolicyClass } from '../attachments.ts'
import { setOptions } from '../options.ts'
import type { Phrases } from '../phrases.ts'
import { bare, one } from './alter.ts'
import type { Changes, ReadChange } from './alter.ts'
import { executeAsUser } from './dynamic.ts'

const phrases: Phrases = { COMMENT: 'value', SECURE: 'nothing', 'DCM PROJECT': 'nothing' }

/** Of every class. */
export const settings: Changes = {
  'RENAME TO': one((p) => ({ target: targetName(p, 'the new name') })),
  SET: one((p) => setOptions(p, phrases)),
  UNSET: one((p) => ({ properties: p.list(() => unsetProperty(p, phrases)) })),
  'UNSET TAG': attached(tagNames),
  'SET CONTACT (': attached((p) => {
    const found = contacts(p)
    p.expect(')')
    return found
  }),
}

export const swap: Changes = {
  'SWAP WITH': one((p) => ({ target: targetName(p, 'the name of a table') })),
}

function attached(read: (p: Parser) => readonly Attachment[]): ReadChange {
  return one((p) => ({ attachments: read(p) }))
}

// ── Policies ──────────────────────────────────────────────────────────────────────────────────

function changesOf(
  classes: readonly PolicyClass[],
  rows: (found: PolicyClass) => Changes,
): Changes {
  return Object.fromEntries(classes.flatMap((found) => Object.entries(rows(found))))
}

/** Of tables and views: those of which there is one are SET, of the others some are added. */
export const policies: Changes = {
  ...changesOf(relationPolicies, (found) =>
    found.added === true
      ? { [`ADD ${found.name}`]: policySteps, [`DROP ${found.name}`]: policySteps }
      : {
          [`SET ${found.name}`]: attached((p) => [forced(p, found)]),
          [`UNSET ${found.name}`]: bare,
        },
  ),
  'DROP ALL ROW ACCESS POLICIES': bare,
}

export function forced(p: Parser, found: PolicyClass): Attachment {
  const read = policyNamed(p, p.index, found)
  p.accept('FORCE')
  return read
}

/** `DROP ROW ACCESS POLICY a, ADD ROW ACCESS POLICY b ON (c)`: one statement, nothing between. */
function policySteps(p: Parser, start: number, words: string): readonly AlterAction[] {
  const steps = [policyStep(p, start, words)]
  while (p.accept(',')) {
    const at = p.index
    const next = Object.keys(policies).find(
      (phrase) => policies[phrase] === policySteps && p.ahead(...phrase.split(' ')),
    )
    if (next === undefined) p.fail('ADD or DROP ROW ACCESS POLICY')
    p.expect(...next.split(' '))
    steps.push(policyStep(p, at, next))
  }
  return steps
}

function policyStep(p: Parser, start: number, words: string): AlterAction {
  const [verb, ...rest] = words.split(' ')
  const found = relationPolicies.find(({ name }) => name === rest.join(' '))
  if (verb === 'ADD' && found !== undefined) {
    const added = policyNamed(p, p.index, found)
    if (found.name === 'PRIVACY POLICY') p.accept('NO', 'ENTITY', 'KEY')
    return action(p, start, words, { attachments: [added] })
  }
  // Of a storage lifecycle policy there is one, so it need not be named.
  if (!p.atIdentifier() && words.includes('LIFECYCLE')) return action(p, start, words)
  const at = p.index
  const name = targetName(p, 'the name of a policy')
  const dropped = attachment(p, at, rest.join(' '), name)
  return action(p, start, words, { attachments: [dropped] })
}

// ── Dynamic tables ────────────────────────────────────────────────────────────────────────────

const dynamicPhrases: Phrases = { ...phrases, 'REQUIRE USER': 'nothing' }

function condition(p: Parser): { readonly expressions: readonly Expression[] } {
  p.expect('(')
  const read = p.rules.expression(p)
  p.expect(')')
  return { expressions: [read] }
}

export const dynamicSettings: Changes = {
  SET: one((p) => setOptions(p, dynamicPhrases)),
  UNSET: one((p) => ({ properties: p.list(() => unsetProperty(p, dynamicPhrases)) })),
  'SET IMMUTABLE WHERE': one(condition),
  'SET FROZEN WHERE': one(condition),
  'UNSET IMMUTABLE WHERE': bare,
  'UNSET FROZEN WHERE': bare,
  'SET EXECUTE AS USER': attached(executeAsUser),
  'UNSET EXECUTE AS USER': bare,
}
