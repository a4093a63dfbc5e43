/** The published lists, sent to the three databases. */

import type { ListedAttack, ListedOutcome, MethodName } from '../lists/types.ts'
import type { CompiledMask } from '../../../sidecar/control/bundle.ts'
import type { Answer, Judge } from './judge.ts'

export interface Finding {
  readonly id: string
  readonly sql: string
  /** What is wrong, in words. */
  readonly wrong: readonly string[]
}

/** The outcome that a list demands under a mask method. */
export function demanded(attack: ListedAttack, method: MethodName): ListedOutcome {
  return attack.byMethod?.[method] ?? attack.outcome
}

/** Undefined where nothing is wrong. Under another usage than its own only sameness is demanded. */
export async function tryAttack(
  judge: Judge,
  attack: ListedAttack,
  method: MethodName,
  usage: CompiledMask['usage'],
): Promise<{ readonly answer: Answer; readonly finding: Finding | undefined }> {
  const answer = await judge.ask(attack)
  const wanted = (attack.usage ?? 'Strict') === usage ? demanded(attack, method) : undefined
  const wrong = faults(attack, answer, wanted)
  const { id, sql } = attack
  return { answer, finding: wrong.length === 0 ? undefined : { id, sql, wrong } }
}

function faults(
  attack: ListedAttack,
  answer: Answer,
  wanted: ListedOutcome | undefined,
): readonly string[] {
  const ended = endOf(attack, answer)
  return [
    ...faultsOf(answer, attack.same === false),
    ...(wanted === undefined || answer.setupFailed === undefined
      ? []
      : [`setup failed: ${answer.setupFailed}`]),
    ...(wanted === undefined || ended === wanted
      ? []
      : [`ended as ${ended}, not ${wanted}${messageOf(answer)}`]),
    ...(wanted === undefined || attack.emits === undefined || emitted(answer).includes(attack.emits)
      ? []
      : [`what ran does not hold ${attack.emits}: ${emitted(answer)}`]),
  ]
}

/** What is wrong whatever the statement: the databases can be told apart, or a value shows. */
export function faultsOf(answer: Answer, mayDiffer = false): readonly string[] {
  const { difference, raw } = answer
  return [
    ...(difference === undefined || mayDiffer ? [] : [`the databases differ in ${difference}`]),
    ...(raw.length === 0 ? [] : [`protected values can be seen: ${raw.join(', ')}`]),
  ]
}

/** Of what the example warehouse cannot run, only the decision counts. */
function endOf({ runs }: ListedAttack, { outcomes, ended }: Answer): Answer['ended'] {
  const [first] = outcomes
  if (runs !== false || first === undefined || first.emitted === null) return ended
  return first.maskedColumns.length > 0 ? 'mask' : 'allow'
}

const emitted = ({ outcomes }: Answer): string => outcomes[0]?.emitted ?? ''

function messageOf({ outcomes }: Answer): string {
  const message = outcomes[0]?.driver.error?.message
  return message === undefined ? '' : ` (${message.slice(0, 200)})`
}
