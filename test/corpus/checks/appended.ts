/** Text behind the end of a statement is refused, or is a statement of its own. */

import { factsOf } from '../../../sidecar/sql/index.ts'
import { reread, sameFacts, upToLastToken } from './check.ts'
import type { Accepted, Check, Trial } from './check.ts'

const junk = [')', "'s'", '123', 'DROP TABLE zzz', 'x y z'] as const

/** Junk that a statement may well end with, by the words in front of it. */
const belongs: readonly { readonly after: RegExp; readonly junk: RegExp; readonly why: string }[] =
  [
    {
      after: /(?:^|[\s,(=])(?:DATE|TIME|TIMESTAMP|TIMESTAMP_(?:NTZ|LTZ|TZ)|INTERVAL|X)$/i,
      junk: /^'/,
      why: "a type and a string is a literal: DATE '2020-01-01'",
    },
    {
      after: /\bREFRESH$/i,
      junk: /^'/,
      why: "ALTER EXTERNAL TABLE … REFRESH may be limited to a path: REFRESH '2020/01'",
    },
  ]

export const junkAppended: Check = (accepted) => {
  const end = upToLastToken(accepted)
  return junk
    .filter((text) => !belongs.some((rule) => rule.junk.test(text) && rule.after.test(end)))
    .map((text) => refused(accepted, `${end} ${text}`, text))
}

function refused({ read }: Accepted, changed: string, text: string): Trial {
  const again = reread(changed, read)
  return { changed, complaint: again === undefined ? undefined : `took ${text} behind the end` }
}

export const statementAppended: Check = (accepted) => {
  const changed = `${upToLastToken(accepted)}; DROP TABLE zzz`
  return [{ changed, complaint: complaintOf(accepted, changed) }]
}

function complaintOf(accepted: Accepted, changed: string): string | undefined {
  const { read, facts } = accepted
  const again = reread(changed, read)
  if (again === undefined) {
    return goesOn(accepted) ? undefined : 'refused what two statements say one after the other'
  }
  const added = again.at(-1)
  if (again.length !== facts.length + 1 || added === undefined) {
    return `${facts.length + 1} statements read as ${again.length}`
  }
  if (factsOf(added.statement).kind !== 'DropTable') return 'did not see DROP TABLE zzz'
  return sameFacts(facts, again.slice(0, -1)) ? undefined : 'the first statement changed'
}

/** DECLARE … and EXCEPTION … without the rest of their block go on behind a `;`. */
function goesOn({ statements }: Accepted): boolean {
  const { tokens = [] } = statements.at(-1) ?? {}
  const [first, last] = [tokens[0]?.keyword, tokens.at(-1)?.keyword]
  return (first === 'DECLARE' || first === 'EXCEPTION') && last !== 'END'
}
