import { setTimeout as sleep } from 'node:timers/promises'
import { SnowflakeError, unsupported } from '../engine/errors.ts'
import { Cursor } from '../sql/tokens.ts'
import {
  child,
  expression,
  list,
  literal,
  mapTree,
  string,
  type Tree,
  type TreeNode,
} from '../sql/tree.ts'
import type { StatementContext } from './context.ts'
import { type Outcome, statementTypes } from './outcome.ts'
import { output } from './synthetic.ts'

const milliseconds: Readonly<Record<string, number>> = {
  MILLISECONDS: 1,
  SECONDS: 1000,
  MINUTES: 60_000,
  HOURS: 3_600_000,
  DAYS: 86_400_000,
}

/** Waits without holding the store; ends at once when the statement is cancelled. */
async function wait(ms: number, signal: AbortSignal): Promise<void> {
  try {
    await sleep(ms, undefined, { signal })
  } catch (error) {
    signal.throwIfAborted()
    throw error
  }
}

interface Wait {
  readonly ms: number
  readonly said: string
}

function waitOf(amount: string | undefined, unit = 'SECONDS'): Wait {
  const factor = Object.hasOwn(milliseconds, unit.toUpperCase())
    ? milliseconds[unit.toUpperCase()]
    : undefined
  if (factor === undefined || !/^\d+(\.\d+)?$/.test(amount ?? ''))
    throw new SnowflakeError('001044', '42P13', "Invalid argument types for function 'SYSTEM$WAIT'")
  return { ms: Number(amount) * factor, said: `waited ${amount ?? ''} ${unit.toLowerCase()}` }
}

const literalOf = (argument: Tree): string | undefined =>
  string(child(argument, 'literal'), 'value')

/** SYSTEM$WAIT(amount [, unit]): waits here, and leaves what the function says in its place. */
export async function withWaits(context: StatementContext, tree: TreeNode): Promise<TreeNode> {
  const waits: Wait[] = []
  const changed = mapTree(tree, (node) => {
    const found = expression(node)
    if (found?.kind !== 'function') return node
    if (string(found.body, 'name')?.toUpperCase() !== 'SYSTEM$WAIT') return node
    const [amount, unit] = list(found.body, 'args')
    const each = waitOf(literalOf(amount), literalOf(unit))
    waits.push(each)
    return literal(each.said)
  }) as TreeNode
  if (!context.describeOnly) for (const { ms } of waits) await wait(ms, context.signal)
  return changed
}

/** CALL SYSTEM$WAIT(amount [, unit]): the only procedure there is. */
export async function runCall(context: StatementContext): Promise<Outcome> {
  const cursor = new Cursor(context.sql, context.tokens)
  cursor.take('CALL')
  const name = cursor.qualifiedName().join('.')
  if (name !== 'SYSTEM$WAIT') throw unsupported(`CALL ${name}`)
  if (!cursor.take('(')) throw cursor.unexpected()
  const amount = cursor.next().text
  const unit = cursor.take(',') ? cursor.string() : undefined
  if (!cursor.take(')')) throw cursor.unexpected()
  cursor.end()
  const { ms, said } = waitOf(amount, unit)
  if (!context.describeOnly) await wait(ms, context.signal)
  return {
    columns: [output('SYSTEM$WAIT')],
    rows: context.describeOnly ? [] : [[said]],
    statementTypeId: statementTypes.call,
  }
}
