/** What an error says and what it advises, told apart by the catalogue; and where a rule stands. */

import { errorCatalogue, type ErrorName } from '../../sidecar/errors.ts'
import type { RecordedError } from '../../sidecar/recording/events.ts'

export interface Advised {
  readonly reason: string
  /** Undefined where the two cannot be told apart, or there is none. */
  readonly advice: string | undefined
}

export function advised({ name, message }: RecordedError): Advised {
  const bare = message.replace(/ \[Frostgate \w+\]$/, '')
  const entry = Object.hasOwn(errorCatalogue, name) ? errorCatalogue[name as ErrorName] : undefined
  if (entry === undefined || entry.advice === '') return { reason: bare, advice: undefined }
  const at = adviceAt(bare, entry.advice)
  if (at <= 0) return { reason: bare, advice: undefined }
  return { reason: bare.slice(0, at).trimEnd(), advice: bare.slice(at) }
}

/** Where the advice begins, by what of it is no parameter; -1 where that is not told. */
function adviceAt(message: string, advice: string): number {
  const [first = '', ...more] = advice.split(/\{\w+\}/)
  if (first.trim() === '') return -1
  const at = message.lastIndexOf(first)
  if (at < 0) return -1
  let from = at + first.length
  for (const piece of more) {
    const next = message.indexOf(piece, from)
    if (next < 0) return -1
    from = next + piece.length
  }
  return at
}

/** `policy/rule` as recorded. */
export function placeOf(rule: string): string {
  const [policy = '', ...rest] = rule.split('/')
  if (policy === 'baseline') {
    return `the baseline (${rest.join('/')}), which holds for everybody and is in no policy`
  }
  return `rule ${rest.join('/')} of AgentPolicy ${policy}: its entry of that name in spec.rules`
}
