/** Classes whose objects run by themselves later, without the session that made them. */

const scheduled: ReadonlySet<string> = new Set([
  ...[
    'TASK',
    'ALERT',
    'PIPE',
    'DYNAMIC TABLE',
    'DYNAMIC ICEBERG TABLE',
    'INTERACTIVE TABLE',
    'ONLINE FEATURE TABLE',
    'CORTEX SEARCH SERVICE',
  ],
  ...['SERVICE', 'MODEL MONITOR', 'BACKUP POLICY', 'SNAPSHOT POLICY'],
])

export function runsByItself(objectClass: string): boolean {
  return scheduled.has(objectClass)
}
