/** What a tool's checks have in common: asked one by one, the requests of each counted. */

import type { Answer, Judge, Truth } from '../../answer.ts'
import type { Item, Verdict } from '../../suite.ts'
import type { Program, Request } from './program.ts'

export interface ToolCheck {
  readonly name: string
  readonly item: Item
  readonly request: Request
  readonly judge: Judge
  /** Requests to the gateway that begin with `/queries/`, exactly; any number if left out. */
  readonly queries?: number
  /** What the tool itself cannot do. */
  readonly limitation?: string
}

export interface Circumstances {
  readonly program: Program
  readonly truth: Truth
  /** Class of the exception that the tool raises for a refusal. */
  readonly refusalType: string
  /** Requests so far whose path begins so. */
  readonly count: (pathPrefix: string) => number
}

export async function runChecks(
  checks: readonly ToolCheck[],
  circumstances: Circumstances,
): Promise<readonly Verdict[]> {
  const verdicts: Verdict[] = []
  for (const check of checks) verdicts.push(await runCheck(check, circumstances))
  return verdicts
}

async function runCheck(check: ToolCheck, circumstances: Circumstances): Promise<Verdict> {
  const { program, truth, refusalType, count } = circumstances
  const { name, item, limitation } = check
  const before = count(queriesPath)
  const complaint = await program.ask(check.request).then(
    (answer) => judged(check, answer, truth, refusalType) ?? counted(check, count, before),
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  )
  return { name, item, complaint, ...(limitation === undefined ? {} : { limitation }) }
}

const queriesPath = '/queries/'

function judged(
  { judge }: ToolCheck,
  answer: Answer,
  truth: Truth,
  refusalType: string,
): string | undefined {
  const driver = { title: '', language: 'python', refusalType, command: ['python'] as const }
  return judge(answer, { truth, driver, direct: undefined })
}

function counted(
  { queries }: ToolCheck,
  count: Circumstances['count'],
  before: number,
): string | undefined {
  const made = count(queriesPath) - before
  return queries === undefined || made === queries
    ? undefined
    : `it made ${made} requests, not ${queries}`
}

/** Cells and types are the same as without the gateway; `on` says where a request goes. */
export async function asDirect(
  name: string,
  program: Program,
  on: (place: 'gateway' | 'direct') => Request,
): Promise<Verdict> {
  const item = 'types and NULLs as direct'
  try {
    const ours = await program.ask(on('gateway'))
    const [left, right] = [shown(ours), shown(await program.ask(on('direct')))]
    const empty = ours.error !== undefined || ours.rows?.length === 0
    const complaint = empty
      ? `it gave ${left}`
      : left === right
        ? undefined
        : `got ${left}, not ${right}`
    return { name, item, complaint }
  } catch (error) {
    return { name, item, complaint: error instanceof Error ? error.message : String(error) }
  }
}

function shown({ columns, rows, error }: Answer): string {
  return JSON.stringify({ columns, rows, error }).slice(0, 3000)
}

export function nowhereElse(wanted: readonly string[]): Verdict {
  return {
    name: 'it wants to go nowhere else',
    item: 'session and close',
    complaint: wanted.length === 0 ? undefined : wanted.join(', '),
  }
}

/** Host and port, as the programs take them. */
export function addressOf(url: string): readonly [host: string, port: number] {
  const { hostname, port } = new URL(url)
  return [hostname, Number(port)]
}

/** It failed so; the message says each of these. For errors that carry no code. */
export function raises(type: string, ...words: readonly string[]): Judge {
  return ({ error }) => {
    if (!error) return 'it ran'
    if (error.type !== type) return `it raised ${error.type}: ${error.message}`
    const missing = words.find((word) => !error.message.includes(word))
    return missing === undefined ? undefined : `it does not say ${missing}: ${error.message}`
  }
}
