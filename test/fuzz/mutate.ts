/** Texts near a given one: pieces dropped, doubled, moved, exchanged, and strange characters. */

import type { Random } from './random.ts'

const pieces = /"(?:[^"]|"")*"|'(?:[^'\\]|\\.|'')*'|\$\$[^]*?\$\$|\w+|\s+|[^]/g

const strange = [
  ...['(', ')', '[', ']', '{', '}', ',', ';', '.', ':', '::', '@', '$', '$$', "'", '"', '`', '#'],
  ...[
    '--',
    '/*',
    '*/',
    '//',
    '->',
    '->>',
    '=>',
    ':=',
    '**',
    '!',
    '?',
    '\\',
    '\0',
    '\r',
    '\t',
    '\n',
  ],
  ...[
    '\u200b',
    '\u00a0',
    '\u202e',
    '\ud800',
    '\u2019',
    '\u00e9',
    '%',
    '^',
    '|',
    '~',
    '&',
    '<',
    '=',
    '>',
  ],
  ...['SELECT', 'FROM', 'BEGIN', 'END', 'CASE', 'WHEN', 'AS', 'IN', 'NOT', 'TABLE', 'IDENTIFIER'],
  ...['DROP TABLE z', '; DROP TABLE z', 'WITH', 'VALUES', 'INTO', 'DECLARE', 'IF', 'FOR', 'ON'],
  ...['__proto__', 'constructor', 'toString', '1', '1.', '.5', "x'00'", '@~/a b', 'file:///a'],
]

export function mutate(text: string, other: string, random: Random): string {
  const list = text.match(pieces) ?? []
  const changes = 1 + random.below(4)
  for (let change = 0; change < changes; change += 1) {
    const at = random.below(list.length + 1)
    const to = random.below(list.length + 1)
    const kind = random.below(7)
    if (kind === 0) list.splice(at, 1)
    else if (kind === 1) list.splice(at, 0, list[to] ?? '')
    else if (kind === 2) list.splice(at, 0, random.pick(strange))
    else if (kind === 3) list.splice(at, 1, random.pick(strange))
    else if (kind === 4) list.splice(Math.min(at, to), 1 + random.below(5))
    else if (kind === 5) {
      const theirs = other.match(pieces) ?? []
      const from = random.below(theirs.length + 1)
      list.splice(at, random.below(6), ...theirs.slice(from, from + 1 + random.below(12)))
    } else {
      const [moved = ''] = list.splice(at, 1)
      list.splice(to, 0, moved)
    }
  }
  return list.join('')
}
