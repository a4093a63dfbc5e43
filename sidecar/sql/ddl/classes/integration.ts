/** Integrations, and networks. */

import { assigned } from '../actions.ts'
import type { ObjectClass } from '../classes.ts'

const security = { REFRESH: 'nothing', 'REFRESH SAML2_SNOWFLAKE_PRIVATE_KEY': 'nothing' } as const

export const integrationClasses: readonly ObjectClass[] = [
  // ALTER and DROP need not say which.
  { name: 'INTEGRATION', verbs: ['ALTER', 'DROP'], actions: security },
  { name: 'API INTEGRATION' },
  { name: 'CATALOG INTEGRATION' },
  { name: 'EXTERNAL ACCESS INTEGRATION' },
  { name: 'NOTIFICATION INTEGRATION' },
  { name: 'SECURITY INTEGRATION', actions: security },
  { name: 'STORAGE INTEGRATION' },
  {
    name: 'NETWORK POLICY',
    actions: {
      'ADD ALLOWED_NETWORK_RULE_LIST': assigned('ALLOWED_NETWORK_RULE_LIST'),
      'ADD BLOCKED_NETWORK_RULE_LIST': assigned('BLOCKED_NETWORK_RULE_LIST'),
      'REMOVE ALLOWED_NETWORK_RULE_LIST': assigned('ALLOWED_NETWORK_RULE_LIST'),
      'REMOVE BLOCKED_NETWORK_RULE_LIST': assigned('BLOCKED_NETWORK_RULE_LIST'),
    },
  },
  { name: 'NETWORK RULE' },
]
