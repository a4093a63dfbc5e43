/** `docs/sql-support.md`, from the tables that the front end itself uses. */

import { objectClasses } from '../../sidecar/sql/ddl/classes.ts'
import { limits } from '../../sidecar/sql/lexer/limits.ts'
import { lexicalRejects } from '../../sidecar/sql/lexer/rejects.ts'
import { statementKinds } from '../../sidecar/sql/statements/table.ts'
import { refused } from './refused.ts'

export function sqlSupportPage(): string {
  return [
    '# SQL that is read',
    '',
    'Frostgate reads a statement to its last token, or refuses it and says where. This page says',
    'what is read, and what is refused although Snowflake takes it. It is generated from the tables',
    'of `sidecar/sql/` and from `docs/sql/refused.ts`; tests check both. What is read need not run:',
    'that is decided by policy, and this version runs only what [policy.md](policy.md) lists.',
    '',
    '## Statements',
    '',
    '| node | begins with |',
    '| --- | --- |',
    ...statementKinds
      .filter(({ starts }) => starts.length > 0)
      .map(({ kind, starts }) => `| ${kind} | ${starts.map(code).join(', ')} |`),
    '',
    '## Classes of objects in CREATE, ALTER and DROP',
    '',
    `${objectClasses
      .map(({ name }) => name)
      .sort()
      .join(', ')}.`,
    '',
    '## Refused although Snowflake takes it',
    '',
    '| what | example | why | instead |',
    '| --- | --- | --- | --- |',
    ...refused.map(({ what, example, why, instead }) => row([what, code(example), why, instead])),
    '',
    `Texts of more than ${limits.bytes} bytes or ${limits.tokens} tokens are refused before anything is`,
    `read, and so are ${limits.nesting} levels of nesting and ${limits.codeDepth} strings of code inside each other.`,
    '',
    '## Lexemes that are refused by name',
    '',
    'At each of these, two readers of Snowflake SQL that we know end a string, a name or a comment at',
    'different places, so text could hide from one of them.',
    '',
    '| name | what | instead |',
    '| --- | --- | --- |',
    ...Object.entries(lexicalRejects).map(([name, { reason, hint }]) => row([name, reason, hint])),
  ].join('\n')
}

function row(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`
}

function code(text: string): string {
  const fence = text.includes('`') ? '``' : '`'
  return `${fence}${text}${fence}`
}
