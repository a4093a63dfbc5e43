/**
 * The statements of recordings that an id is of. Each file is read twice: first to verify it and to
 * learn which statements those are, then to gather their events, so that memory does not grow with
 * the recording.
 */

import { lstat, readdir } from 'node:fs/promises'
import { join } from 'node:path'

import { isKnownEvent } from '../../sidecar/recording/event-shape.ts'
import type { LoginAccepted, RecordedEvent, RecordedLine } from '../../sidecar/recording/events.ts'
import { systemCode } from '../../sidecar/recording/recording-error.ts'
import type { VerifyReport } from '../../sidecar/recording/verify-report.ts'
import { verifyRecording } from '../../sidecar/recording/verify.ts'
import { CliError, type Terminal } from '../output.ts'
import { readRecording } from '../recording-file.ts'
import { Nearest, requestIn } from './ids.ts'

export interface Found {
  /** Of each file that was read. */
  readonly reports: readonly VerifyReport[]
  readonly stories: readonly Story[]
  /** Ids that look like it, where it is of nothing. */
  readonly nearest: readonly string[]
}

/** All that a recording tells of one statement. */
export interface Story {
  readonly recording: string
  readonly session: string
  readonly statement: string
  /** Undefined where the recording begins after it. */
  readonly login: LoginAccepted | undefined
  /** In their order. */
  readonly events: readonly Timed[]
}

export interface Timed {
  readonly time: string
  readonly event: Extract<RecordedEvent, { readonly statement: string }>
}

/** `path`: a recording, or a folder with some. Errors: CliError. */
export async function find(id: string, path: string, terminal: Terminal): Promise<Found> {
  const nearest = new Nearest(id)
  const reports: VerifyReport[] = []
  const stories: Story[] = []
  for (const file of await recordingsAt(path)) {
    const wanted = new Set<string>()
    const onLine = ({ event }: RecordedLine): void => {
      if (!isKnownEvent(event)) return
      const ids = idsOf(event)
      if ('statement' in event && isOf(id, ids)) wanted.add(keyOf(event))
      for (const each of ids) nearest.see(each)
    }
    // Chunks have nothing to do with why.
    const report = await readRecording(file, terminal, { chunks: false, onLine })
    reports.push(report)
    if (wanted.size > 0) stories.push(...(await gather(file, wanted)))
  }
  return { reports, stories, nearest: stories.length > 0 ? [] : nearest.ids }
}

function idsOf(event: RecordedEvent): readonly string[] {
  if (!('statement' in event)) return []
  const ids: (string | null | undefined)[] = [
    event.statement,
    'upstreamQueryId' in event ? event.upstreamQueryId : null,
    'requestId' in event ? event.requestId : null,
    'request' in event ? event.request : null,
    'approval' in event ? event.approval : null,
    'parent' in event ? event.parent : null,
  ]
  return ids.filter((each) => typeof each === 'string' && each !== '') as string[]
}

function isOf(id: string, ids: readonly string[]): boolean {
  const wanted = id.toLowerCase()
  const request = requestIn(wanted)
  return ids.some((each) => each.toLowerCase() === wanted || each.toLowerCase() === request)
}

function keyOf({ session, statement }: { readonly session: string; readonly statement: string }) {
  return JSON.stringify([session, statement])
}

/** Each line is verified again as it is read: the file may have grown, or changed. */
async function gather(file: string, wanted: ReadonlySet<string>): Promise<readonly Story[]> {
  const sessions = new Set([...wanted].map((key) => (JSON.parse(key) as [string, string])[0]))
  const logins = new Map<string, LoginAccepted>()
  const gathered = new Map<string, { session: string; statement: string; events: Timed[] }>()
  const onLine = ({ time, event }: RecordedLine): void => {
    if (!isKnownEvent(event)) return
    if (event.type === 'login.accepted' && sessions.has(event.session)) {
      logins.set(event.session, event)
    }
    if (!('statement' in event)) return
    const key = keyOf(event)
    if (!wanted.has(key)) return
    const { session, statement } = event
    const story = gathered.get(key) ?? { session, statement, events: [] }
    story.events.push({ time, event })
    gathered.set(key, story)
  }
  await verifyRecording(file, { chunks: false, onLine })
  return [...gathered.values()].map((story) => ({
    ...story,
    recording: file,
    login: logins.get(story.session),
  }))
}

async function recordingsAt(path: string): Promise<readonly string[]> {
  const status = await lstat(path).catch((error: unknown) => {
    if (systemCode(error) !== 'ENOENT') throw error
    throw new CliError(
      `There is no recording ${path}. Name a file (.jsonl) or a folder of them with --recording.`,
    )
  })
  if (!status.isDirectory()) return [path]
  const names = await readdir(path, { recursive: true, withFileTypes: true })
  const files = names.filter((entry) => entry.isFile() && entry.name.endsWith('.jsonl'))
  if (files.length === 0) throw new CliError(`No recording (.jsonl) is in ${path} or below it.`)
  return files.map(({ parentPath, name }) => join(parentPath, name)).sort()
}
