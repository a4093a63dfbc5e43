/** Policies: some have a body, an expression over their parameters; others only properties. */

import { manifest } from '../application/listing.ts'
import type { ObjectClass } from '../classes.ts'
import { bodyPolicy, bodyActions } from '../policy/body.ts'
import { unsetPassword } from '../policy/password.ts'

export const policyClasses: readonly ObjectClass[] = [
  ...[
    ...['AGGREGATION POLICY', 'JOIN POLICY', 'MASKING POLICY', 'PRIVACY POLICY'],
    ...['PROJECTION POLICY', 'ROW ACCESS POLICY', 'STORAGE LIFECYCLE POLICY'],
  ].map((name) => ({ name, create: bodyPolicy, actions: bodyActions })),
  { name: 'AUTHENTICATION POLICY' },
  { name: 'DATA MOVEMENT POLICY' },
  { name: 'DATA MOVEMENT RULE' },
  { name: 'FEATURE POLICY' },
  { name: 'MAINTENANCE POLICY' },
  {
    name: 'MULTI PARTY APPROVAL POLICY',
    last: { AS: manifest },
    actions: { AS: manifest },
  },
  { name: 'PACKAGES POLICY', phrases: { COMMENT: 'value', 'LANGUAGE PYTHON': 'nothing' } },
  { name: 'PASSWORD POLICY', actions: { UNSET: unsetPassword } },
  { name: 'SESSION POLICY' },
]
