/**
 * The hash chain: each line holds the hash of the line before it, so that nothing in the middle can
 * be altered, left out, added or moved without every later hash being wrong. What a chain alone
 * cannot show is that its end was cut off.
 */

import { hash } from 'node:crypto'

import { canonicalJson } from '../canonical-json.ts'

import type { RecordedEvent, RecordedLine } from './events.ts'

/** `prev` of the first line. */
export const genesis = '0'.repeat(64)

/** No line is longer, in bytes without its newline: readers may rely on it. */
export const maxLineBytes = 64 * 1024 * 1024

/** The last line, as far as the next one depends on it. */
export interface ChainHead {
  readonly seq: number
  readonly time: string
  readonly hash: string
}

/** The line that records `event` after `previous` (null: the first line). `time` is RFC 3339, UTC. */
export function nextLine(
  previous: ChainHead | null,
  event: RecordedEvent,
  time: string,
): RecordedLine {
  const { seq, prev } = following(previous)
  return { seq, time, prev, event, hash: hashOf(seq, time, prev, canonicalJson(event)) }
}

/** As `nextLine`, for an event that is canonical JSON already: the text of the line and its head. */
export function nextText(
  previous: ChainHead | null,
  eventJson: string,
  time: string,
): { readonly text: string; readonly head: ChainHead } {
  const { seq, prev } = following(previous)
  const hash = hashOf(seq, time, prev, eventJson)
  return { text: textOf(seq, time, prev, eventJson, hash), head: { seq, time, hash } }
}

/** The one spelling of a line in the file, without its newline, and the hash it ought to have. */
export function spellLine(line: RecordedLine): { readonly text: string; readonly hash: string } {
  const { seq, time, prev } = line
  const eventJson = canonicalJson(line.event)
  return {
    text: textOf(seq, time, prev, eventJson, line.hash),
    hash: hashOf(seq, time, prev, eventJson),
  }
}

function following(previous: ChainHead | null): { seq: number; prev: string } {
  return previous === null
    ? { seq: 0, prev: genesis }
    : { seq: previous.seq + 1, prev: previous.hash }
}

// Put together by hand, so that the event (which may be large) is made canonical once
// only: canonical JSON sorts its keys, and these are the sorted ones.
function hashOf(seq: number, time: string, prev: string, eventJson: string): string {
  const body = `{"event":${eventJson},"prev":${JSON.stringify(prev)},"seq":${seq},"time":${JSON.stringify(time)}}`
  return hash('sha256', body, 'hex')
}

function textOf(seq: number, time: string, prev: string, eventJson: string, hash: string): string {
  return `{"seq":${seq},"time":${JSON.stringify(time)},"prev":${JSON.stringify(prev)},"event":${eventJson},"hash":${JSON.stringify(hash)}}`
}
