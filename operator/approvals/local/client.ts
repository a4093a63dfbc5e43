/**
 * A person's side of a folder of approvals: what waits there, and how to decide. It needs no lock:
 * it only ever adds a file. What counts is judged by the gateway that keeps the folder.
 */

import { randomBytes } from 'node:crypto'
import { setTimeout as delay } from 'node:timers/promises'

import type { ApprovalDecision, ApprovalRequest } from '../../../crds/types.ts'
import { validateObject } from '../../../crds/validation.ts'
import { systemCode } from '../../../sidecar/recording/recording-error.ts'
import type { Problem } from '../../store/problem.ts'
import type { DecisionTaken } from '../types.ts'
import { readApprovers, type ApproversRead } from './approvers.ts'
import { fileOf, folderWriter, isObjectName, type FolderWriter } from './files.ts'
import { FolderReader } from './folder-reader.ts'
import type { PersonKey } from './keys.ts'
import { fileProblem, namespaceIn, toYaml } from './object-text.ts'
import { signDecision, verifyDecision } from './signature.ts'

export interface LocalRequest {
  readonly request: ApprovalRequest
  /** Those that name it, by name; signed by whom they say, where the configuration was given. */
  readonly decisions: readonly ApprovalDecision[]
}

export interface LocalListing {
  /** In the order in which they were made. */
  readonly requests: readonly LocalRequest[]
  /** Of files that count for nothing. */
  readonly problems: readonly Problem[]
}

export interface LocalDecision {
  /** Of the request. */
  readonly name: string
  /** `spec.statementDigest` of the request as the person saw it. */
  readonly digest: string
  readonly verdict: 'Approve' | 'Deny'
  /** Needed to deny. */
  readonly reason?: string | undefined
  readonly key: PersonKey
}

/** `decision` is what was written; whether it counts is for the gateway to say. */
export type LocallyTaken =
  | { readonly taken: true; readonly decision: ApprovalDecision }
  | { readonly taken: false; readonly why: string }

export interface LocalApprovals {
  /** Errors: an Error if the folder cannot be read. */
  list(): Promise<LocalListing>
  request(name: string): Promise<LocalRequest | undefined>
  /** Writes a signed decision. Errors: an Error if it cannot be written. */
  decide(decision: LocalDecision): Promise<LocallyTaken>
  /** As it is in its file now, whether it is signed or not. */
  decision(name: string): Promise<ApprovalDecision | undefined>
  /**
   * What the gateway made of a decision of that name, once it has said so in its status. Undefined: it has not
   * within `patienceMs`, as where none runs.
   */
  judged(name: string, patienceMs: number): Promise<DecisionTaken | undefined>
}

export interface LocalOptions {
  /** Milliseconds since the epoch. */
  readonly now?: () => number
  readonly writer?: FolderWriter
}

const lookEveryMs = 50

/** `configuration` is the folder of YAML that `up` runs; with it, signatures are checked here too. */
export function openLocalApprovals(
  folder: string,
  configuration?: string,
  { now = Date.now, writer = folderWriter }: LocalOptions = {},
): LocalApprovals {
  const reader = new FolderReader(folder)

  async function list(): Promise<LocalListing> {
    const { requests, decisions, problems } = await reader.all()
    const people = configuration === undefined ? undefined : await readApprovers(configuration)
    const unsigned: Problem[] = []
    const listed = requests.map(async ({ object: request }) => {
      const own = decisions.filter(({ object }) => names(object, request))
      const signed = own.map(async ({ file, object }) => {
        const why = await whyNotSigned(object, request, people)
        if (why === undefined) return [object]
        unsigned.push(fileProblem(file, why, 'It counts for nothing.'))
        return []
      })
      return { request, decisions: (await Promise.all(signed)).flat() }
    })
    const found = await Promise.all(listed)
    return {
      requests: found.toSorted((a, b) => madeAt(a.request) - madeAt(b.request)),
      problems: [...problems, ...(people?.problems ?? []), ...unsigned],
    }
  }

  async function decisionOf(name: string): Promise<ApprovalDecision | undefined> {
    return (await reader.decisions()).find((each) => each.name === name)?.object
  }

  return {
    list,
    request: async (name) =>
      (await list()).requests.find(({ request }) => request.metadata.name === name),
    decide: async (asked) => {
      const { name, verdict, reason, key } = asked
      const kept = isObjectName(name) ? await reader.request(name) : undefined
      if (kept === undefined) {
        return refused(`There is no request ${JSON.stringify(name)} in ${folder}.`)
      }
      const people = configuration === undefined ? undefined : await readApprovers(configuration)
      const why = whyNot(kept.object, asked, now()) ?? whyUnknown(key, people)
      if (why !== undefined) return refused(why)
      const spec = await signDecision(
        {
          requestRef: { name },
          statementDigest: asked.digest,
          verdict,
          ...(reason === undefined ? {} : { reason }),
          via: 'Key',
          decidedBy: { username: key.username },
        },
        kept.object.metadata.uid ?? '',
        key,
      )
      const decision: ApprovalDecision = {
        apiVersion: 'frostgate.dev/v1alpha1',
        kind: 'ApprovalDecision',
        metadata: {
          name: `${name}-${randomBytes(6).toString('hex')}`,
          namespace: namespaceIn(kept.object),
        },
        spec,
      }
      const [wrong] = validateObject('ApprovalDecision', structuredClone(decision))
      if (wrong !== undefined) return refused(`The decision ${wrong.message}. ${wrong.advice}`)
      await write(folder, decision, writer)
      return { taken: true, decision }
    },
    decision: async (name) => await decisionOf(name),
    judged: async (name, patienceMs) => {
      const until = performance.now() + patienceMs
      for (;;) {
        const ready = (await decisionOf(name))?.status?.conditions?.find(
          ({ type }) => type === 'Ready',
        )
        if (ready?.status === 'True') return { taken: true }
        if (ready?.status === 'False') return { taken: false, why: ready.message }
        if (performance.now() >= until) return undefined
        await delay(lookEveryMs)
      }
    },
  }
}

const refused = (why: string): LocallyTaken => ({ taken: false, why })

/** What the gateway would refuse too, told to the person at once. */
function whyNot(
  { spec, status }: ApprovalRequest,
  { name, digest, verdict, reason }: LocalDecision,
  now: number,
): string | undefined {
  if (spec.statementDigest !== digest) {
    return `Request ${name} is for another statement than the one that you saw. Read it again: frostgate pending ${name}`
  }
  const phase = status?.phase ?? 'Pending'
  if (phase !== 'Pending') return `Request ${name} is ${phase}; nothing is left to decide.`
  if (now >= Date.parse(spec.expiresAt)) return `Request ${name} has expired, at ${spec.expiresAt}.`
  if (verdict === 'Deny' && (reason ?? '') === '') {
    return 'To deny needs a reason, which the agent is told. Add --reason TEXT.'
  }
  return undefined
}

function whyUnknown(
  { username, publicKey }: PersonKey,
  people: ApproversRead | undefined,
): string | undefined {
  if (people === undefined) return undefined
  const listed = people.approvers.get(username)?.publicKey
  if (listed !== undefined && listed.x === publicKey.x && listed.y === publicKey.y) return undefined
  const what = listed === undefined ? 'names no key of' : 'names another key of'
  return `The configuration ${what} ${JSON.stringify(username)}. Add what this prints: frostgate approver show`
}

async function whyNotSigned(
  { spec }: ApprovalDecision,
  { metadata }: ApprovalRequest,
  people: ApproversRead | undefined,
): Promise<string | undefined> {
  if (people === undefined) return undefined
  const verified = await verifyDecision(spec, metadata.uid, people.approvers)
  return 'why' in verified ? verified.why : undefined
}

function names(decision: ApprovalDecision, request: ApprovalRequest): boolean {
  return (
    decision.spec.requestRef.name === request.metadata.name &&
    namespaceIn(decision) === namespaceIn(request)
  )
}

function madeAt({ metadata }: ApprovalRequest): number {
  return Date.parse(metadata.creationTimestamp ?? '') || 0
}

async function write(
  folder: string,
  decision: ApprovalDecision,
  writer: FolderWriter,
): Promise<void> {
  const file = fileOf({ kind: 'ApprovalDecision', name: decision.metadata.name })
  try {
    if ((await writer.create(folder, file, toYaml(decision))) === 'created') return
  } catch (error) {
    const why = systemCode(error) ?? String(error)
    throw new Error(`The decision cannot be written to ${folder}: ${why}. Nothing was decided.`, {
      cause: error,
    })
  }
  throw new Error(`The decision cannot be written to ${folder}: ${file} is there already.`)
}
