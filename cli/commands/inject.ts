/** `frostgate inject`: what the operator's webhook would make of a manifest. */

import { createReadStream } from 'node:fs'
import { text } from 'node:stream/consumers'

import { Command } from 'commander'

import { version } from '../../sidecar/version.ts'
import type { CommandFactory } from '../command.ts'
import type { Answer } from '../inject/answer.ts'
import type { ContextOptions } from '../inject/context.ts'
import { CliError, type Terminal } from '../output.ts'

interface Options extends ContextOptions {
  readonly filename: string
  readonly diff?: true
  readonly json?: true
}

const examples = `
Examples:
  frostgate inject -f pod.yaml --diff
  kubectl get deployment runner -o yaml | frostgate inject -f - --connection frostgate/acme --diff
  frostgate inject -f job.yaml --json | jq '.objects[].refusals'

It is the webhook's own function, without a cluster: the CA, the cluster's UID and the seal read
"offline", limits and account of the connection are the options'. Do not apply the result: the
API server does the same to what you apply. Exit code 1 if a pod is refused.`

export const injectCommand: CommandFactory = (terminal) =>
  new Command('inject')
    .summary('show what a pod becomes when the sidecar is injected')
    .description(
      'Reads Pods, Deployments, Jobs, CronJobs, StatefulSets, DaemonSets and ReplicaSets and prints them with the sidecar, or why they are refused. Pods ask for it with the annotation frostgate.dev/connection.',
    )
    .requiredOption('-f, --filename <file>', 'manifest; - for standard input')
    .option('--connection <ns/name>', 'SnowflakeConnection of pods that name none')
    .option('--account <name>', 'what drivers are told as their account', 'frostgate')
    .option('--conflicting-env <Deny|Warn>', 'as in the connection’s spec.sidecar', 'Deny')
    .option('--operator-namespace <name>', 'where the operator runs', 'frostgate')
    .option('--image <image>', 'the sidecar’s image', `frostgate-sidecar:${version}`)
    .option('--broker-url <url>', 'of the operator', 'https://frostgate-broker.frostgate.svc:8443')
    .option('--diff', 'print only what changes')
    .option('--json', 'print everything as JSON')
    .addHelpText('after', examples)
    .action(async (options: Options) => {
      const [{ answerFor }, { readManifests }] = await Promise.all([
        import('../inject/answer.ts'),
        import('../inject/read.ts'),
      ])
      const objects = readManifests(options.filename, await read(options.filename))
      if (objects.length === 0) throw new CliError(`${options.filename} holds no object.`)
      const answers = objects.map((object) => answerFor(object, options))
      const ok = answers.every(({ outcome }) => outcome !== 'Refused')
      if (options.json) terminal.json({ ok, objects: answers })
      else await print(answers, objects, options, terminal)
      terminal.exit(ok ? 0 : 1)
    })

async function print(
  answers: readonly Answer[],
  objects: readonly unknown[],
  options: Options,
  terminal: Terminal,
): Promise<void> {
  const [{ writeManifests }, { diff }] = await Promise.all([
    import('../inject/read.ts'),
    import('../inject/diff.ts'),
  ])
  for (const answer of answers) for (const line of remarks(answer, terminal)) terminal.error(line)
  const injected = answers.filter(({ outcome }) => outcome !== 'Refused')
  if (!options.diff) {
    if (injected.length > 0)
      terminal.out(writeManifests(injected.map(({ object }) => object)).trimEnd())
    return
  }
  for (const [index, answer] of answers.entries()) {
    if (answer.outcome !== 'Injected') continue
    terminal.out(terminal.marks.strong(`${title(answer)} → ${answer.connection ?? ''}`))
    const [before, after] = [objects[index], answer.object].map((value) => writeManifests([value]))
    const lines = diff(before ?? '', after ?? '', terminal.marks)
    for (const line of lines.length === 0 ? ['  nothing changes'] : lines) terminal.out(line)
  }
}

function remarks(answer: Answer, { marks }: Terminal): readonly string[] {
  const name = title(answer)
  return [
    ...answer.refusals.map(
      ({ reason, field, message, advice }) =>
        `${marks.bad(`${name} refused`)} (${reason})${field === '' ? '' : ` at ${field}`}: ${message}. ${advice}`,
    ),
    ...answer.warnings.map((warning) => `${name}: warning: ${warning}`),
    ...(answer.outcome === 'Unchanged' && answer.name !== ''
      ? [`${name}: unchanged; it asks for no connection (frostgate.dev/connection).`]
      : []),
  ]
}

function title({ kind, name }: Answer): string {
  return name === '' ? kind : `${kind} ${name}`
}

async function read(file: string): Promise<string> {
  try {
    return await text(file === '-' ? process.stdin : createReadStream(file))
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    throw new CliError(`cannot read ${file}: ${reason}. Name a file, or - for standard input.`)
  }
}
