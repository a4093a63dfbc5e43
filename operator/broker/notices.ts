/** Notices as lines, made once for all streams that get the same. */

import type { Notice } from '../../sidecar/control/protocol.ts'
import type { Standing } from './standing.ts'

export function lineOf(notice: Notice): string {
  return `${JSON.stringify(notice)}\n`
}

export function noticeOf(standing: Standing): Notice {
  switch (standing.kind) {
    case 'served':
      return { type: 'bundle', digest: standing.bundle.digest }
    case 'closed':
      return { type: 'closed', reason: standing.reason }
    case 'revoked':
      return { type: 'revoked', reason: standing.error.message }
  }
}
