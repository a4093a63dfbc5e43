import type { Session } from '../login/sessions.ts'

type Entry = Readonly<Record<string, unknown>>

/** The query context of a session's last answer; clients send it back with the next statement. */
export function nextContext(session: Session): { readonly entries: readonly Entry[] } | undefined {
  if (session.parameters.get('QUERY_CONTEXT_CACHE_SIZE') === 0) return undefined
  const timestamp = Math.max(Date.now() * 1000, session.contextTimestamp + 1)
  session.contextTimestamp = timestamp
  const context = Buffer.from(`${session.id}:${timestamp}`).toString('base64')
  return { entries: [{ id: 0, timestamp, priority: 0, context }] }
}

/** Whether a statement carries a context that this session was given; true before the first one. */
export function bringsContext(session: Session, dto: unknown): boolean {
  if (session.contextTimestamp === 0) return true
  const { entries } = (dto ?? {}) as { readonly entries?: unknown }
  if (!Array.isArray(entries)) return false
  return (entries as readonly Entry[]).some((entry) => {
    const { base64Data } = (entry['context'] ?? {}) as { readonly base64Data?: unknown }
    const text = Buffer.from(String(base64Data), 'base64').toString('utf8')
    return text === `${session.id}:${String(entry['timestamp'])}`
  })
}
