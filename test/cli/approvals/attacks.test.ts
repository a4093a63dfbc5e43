/** What somebody sees who is asked "approve this?": nothing that the answer is about may be missing. */

import { describe, expect, it } from 'vitest'

import { renderShortly } from '../../../cli/approvals/request.ts'
import { plainMarks } from '../../../sidecar/recording/render.ts'
import { request, type spec } from './support.ts'

const shown = { width: 100, marks: plainMarks, now: 0, lines: 40, others: [] }
const textOf = (change: Partial<typeof spec>): string =>
  [...renderShortly(request(change), shown)].join('\n')

describe('before the answer', () => {
  it('a table that a session variable names is shown, by variable and by name', () => {
    const text = textOf({
      statement: 'SELECT * FROM IDENTIFIER($T)',
      class: 'Query',
      binds: [],
      variables: [{ name: 'T', value: 'HEALTH.PHI.PATIENTS' }],
      objects: [{ name: 'HEALTH.PHI.NOTES', access: 'Query' }],
    })
    expect(text).toContain('$T = HEALTH.PHI.PATIENTS')
    expect(text).toContain('HEALTH.PHI.NOTES')
  })

  it('so are role, database and schema, and how often and how long it may run', () => {
    const text = textOf({ role: 'OWNER_ROLE', database: 'PROD', schema: 'PHI', uses: 500, validFor: '168h' }) // prettier-ignore
    for (const part of ['OWNER_ROLE', 'PROD.PHI', '500 times', '7 d']) expect(text).toContain(part)
  })

  it('and that the statement is cut', () => {
    expect(textOf({ truncated: true })).toContain('What is missing would run too')
  })
})
