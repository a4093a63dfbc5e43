/**
 * Sends the published lists and random statements to three databases that differ only in protected
 * values, once for each mask method, and says where they could be told apart.
 *
 *   npm run attacks -- [--method NAME]… [--list NAME]… [--generate N] [--seed N] [--minutes N]
 *                      [--usage Strict|AtRead|Joinable] [--first] [--mutants] [--only NAME]…
 *                      [--share N]   one of N mutants, another share with each seed
 */

import { parseArgs } from 'node:util'

import type { CompiledMask } from '../../sidecar/control/bundle.ts'
import type { MethodName } from './lists/types.ts'
import { methodNames } from './three-databases/methods.ts'
import { counts, printed, type Count } from './three-databases/report.ts'
import { runSuite } from './three-databases/suite.ts'
import { runMutants } from './mutants/run.ts'

const { values } = parseArgs({
  options: {
    method: { type: 'string', multiple: true },
    list: { type: 'string', multiple: true },
    usage: { type: 'string', default: 'Strict' },
    generate: { type: 'string', default: '100' },
    seed: { type: 'string', default: '1' },
    minutes: { type: 'string' },
    mutants: { type: 'boolean', default: false },
    only: { type: 'string', multiple: true },
    first: { type: 'boolean', default: false },
    share: { type: 'string', default: '1' },
  },
})

const usages = ['Strict', 'AtRead', 'Joinable'] as const

function usageOf(text: string): CompiledMask['usage'] {
  const found = usages.find((usage) => usage === text)
  if (found === undefined) throw new Error(`--usage is one of ${usages.join(', ')}`)
  return found
}

function methodsOf(names: readonly string[] | undefined): readonly MethodName[] {
  const unknown = names?.find((name) => !(methodNames as readonly string[]).includes(name))
  if (unknown !== undefined) throw new Error(`--method is one of ${methodNames.join(', ')}`)
  return methodNames.filter((name) => names === undefined || names.includes(name))
}

function wholeNumber(name: string, text: string): number {
  const number = Number(text)
  if (!Number.isSafeInteger(number) || number < 0) throw new Error(`--${name} is a whole number`)
  return number
}

function progress(method: string, total: number): (count: Count) => void {
  if (!process.stderr.isTTY) return () => undefined
  return ({ statements, findings }) => {
    process.stderr.write(`\r${method}: ${statements} of about ${total}, ${findings.length} wrong `)
  }
}

/** @returns how many findings there are. */
async function runMethods(): Promise<number> {
  const methods = methodsOf(values.method)
  const usage = usageOf(values.usage)
  const generate = wholeNumber('generate', values.generate)
  const seed = wholeNumber('seed', values.seed)
  const share = (Number(values.minutes ?? Infinity) * 60_000) / methods.length
  let wrong = 0
  for (const method of methods) {
    const started = performance.now()
    const result = await runSuite({
      method, usage, generate, seed,
      lists: values.list,
      untilFirst: values.first,
      until: started + share,
      onStatement: progress(method, generate),
    }) // prettier-ignore
    const seconds = (performance.now() - started) / 1000
    for (const [part, count] of Object.entries(result) as readonly [string, Count][]) {
      if (count.statements === 0) continue
      console.log(`${method.padEnd(13)} ${usage} ${part.padEnd(10)} ${counts(count)}`)
      for (const finding of count.findings) console.log(printed(finding))
      wrong += count.findings.length
    }
    console.log(`${method.padEnd(13)} ${seconds.toFixed(0)} s`)
  }
  return wrong
}

function shareOf() {
  return {
    of: Math.max(1, wholeNumber('share', values.share)),
    seed: wholeNumber('seed', values.seed),
  }
}

const wrong = values.mutants ? await runMutants(values.only, shareOf()) : await runMethods()
console.log(wrong === 0 ? 'no difference, no value, no other outcome' : `${wrong} wrong`)
process.exitCode = wrong === 0 ? 0 : 1
