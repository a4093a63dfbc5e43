/** Accounts, users, roles, and what is shared or replicated between accounts. */

import {
  delegatedAuthorization,
  delegatedAuthorizations,
  mfaMethod,
  tokenChange,
} from '../account/user.ts'
import { accounts, addTo, removeFrom, renamedAccount } from '../account/groups.ts'
import { assigned, labelled, maybeLabelled, naming, propertyOf } from '../actions.ts'
import type { Actions } from '../actions.ts'
import type { ObjectClass } from '../classes.ts'
import { commonPhrases } from '../properties.ts'
import type { Phrases } from '../phrases.ts'

/** For SET `… POLICY name`; the longer ones, without a name, are for UNSET. */
const accountPhrases: Phrases = {
  COMMENT: 'value',
  'AUTHENTICATION POLICY': 'name',
  'AUTHENTICATION POLICY FOR ALL PERSON USERS': 'nothing',
  'AUTHENTICATION POLICY FOR ALL SERVICE USERS': 'nothing',
  'FEATURE POLICY': 'name',
  'FEATURE POLICY FOR ALL APPLICATIONS': 'nothing',
  'FEATURE POLICY FOR ALL DATABASES': 'nothing',
  'FEATURE POLICY FOR ALL PERSONAL DATABASES': 'nothing',
  'MAINTENANCE POLICY': 'name',
  'MAINTENANCE POLICY FOR ALL APPLICATIONS': 'nothing',
  'DATA MOVEMENT POLICY': 'name',
  'MULTI PARTY APPROVAL POLICY': 'name',
  'NETWORK POLICY': 'name',
  'PACKAGES POLICY': 'name',
  'PASSWORD POLICY': 'name',
  'PASSWORD POLICY FOR ALL PERSON USERS': 'nothing',
  'SESSION POLICY': 'name',
  'SESSION POLICY FOR ALL PERSON USERS': 'nothing',
  'SESSION POLICY FOR ALL SERVICE USERS': 'nothing',
  'FOR ALL PERSON USERS': 'nothing',
  'FOR ALL SERVICE USERS': 'nothing',
  'FOR ALL APPLICATIONS': 'nothing',
  'FOR ALL DATABASES': 'nothing',
  'FOR ALL PERSONAL DATABASES': 'nothing',
  FORCE: 'nothing',
}

const userPhrases: Phrases = {
  COMMENT: 'value',
  'IDENTIFIED BY': 'text',
  'AUTHENTICATION POLICY': 'name',
  'PASSWORD POLICY': 'name',
  'SESSION POLICY': 'name',
  FORCE: 'nothing',
}

const userActions: Actions = {
  'ABORT ALL QUERIES': 'nothing',
  'RESET PASSWORD': 'nothing',
  'ENROLL MFA': 'nothing',
  'ADD DELEGATED AUTHORIZATION OF ROLE': delegatedAuthorization('TO'),
  'REMOVE DELEGATED AUTHORIZATION OF ROLE': delegatedAuthorization('FROM'),
  'REMOVE DELEGATED AUTHORIZATIONS FROM SECURITY INTEGRATION': delegatedAuthorizations,
  'ADD MFA METHOD OTP': 'options',
  'MODIFY MFA METHOD': mfaMethod,
  'REMOVE MFA METHOD': labelled({}),
  'ADD PROGRAMMATIC ACCESS TOKEN': maybeLabelled(commonPhrases),
  'ADD PAT': maybeLabelled(commonPhrases),
  'MODIFY PROGRAMMATIC ACCESS TOKEN': tokenChange,
  'MODIFY PAT': tokenChange,
  'ROTATE PROGRAMMATIC ACCESS TOKEN': labelled(),
  'ROTATE PAT': labelled(),
  'REMOVE PROGRAMMATIC ACCESS TOKEN': labelled({}),
  'REMOVE PAT': labelled({}),
}

const groupPhrases: Phrases = {
  COMMENT: 'value',
  OBJECT_TYPES: 'kinds',
  ALLOWED_DATABASES: 'names',
  ALLOWED_EXTERNAL_VOLUMES: 'names',
  ALLOWED_SHARES: 'names',
  ALLOWED_ACCOUNTS: 'names',
  ALLOWED_INTEGRATION_TYPES: 'kinds',
  'IGNORE EDITION CHECK': 'nothing',
}

/** Of failover and replication groups alike. */
const groupActions: Actions = {
  ADD: addTo,
  REMOVE: removeFrom,
  'MOVE DATABASES': addTo,
  'MOVE SHARES': addTo,
  REFRESH: 'nothing',
  PRIMARY: 'nothing',
  SUSPEND: 'nothing',
  'SUSPEND IMMEDIATE': 'nothing',
  RESUME: 'nothing',
}

const replicationActions: Actions = {
  'ENABLE FAILOVER TO ACCOUNTS': accounts,
  'DISABLE FAILOVER TO ACCOUNTS': accounts,
  'DISABLE FAILOVER': 'nothing',
  PRIMARY: 'nothing',
}

const monitorPhrases: Phrases = { TRIGGERS: 'triggers' }

export const accountClasses: readonly ObjectClass[] = [
  {
    name: 'ACCOUNT',
    verbs: ['CREATE', 'ALTER', 'DROP', 'UNDROP'],
    naming: 'optional',
    phrases: accountPhrases,
    actions: {
      'RENAME TO': renamedAccount,
      'DROP OLD URL': 'nothing',
      'DROP OLD ORGANIZATION URL': 'nothing',
      'ADD ORGANIZATION USER GROUP': naming('ORGANIZATION USER GROUP'),
      'REMOVE ORGANIZATION USER GROUP': naming('ORGANIZATION USER GROUP'),
      SUSPEND: 'nothing',
      RESUME: 'nothing',
    },
    drop: { GRACE_PERIOD_IN_DAYS: 'number' },
  },
  { name: 'MANAGED ACCOUNT', verbs: ['CREATE', 'DROP'] },
  {
    name: 'ORGANIZATION ACCOUNT',
    naming: 'optional',
    phrases: accountPhrases,
    actions: { 'RENAME TO': renamedAccount, 'DROP OLD URL': 'nothing' },
  },
  { name: 'USER', naming: 'optional', phrases: userPhrases, actions: userActions },
  { name: 'ORGANIZATION USER' },
  {
    name: 'ORGANIZATION USER GROUP',
    actions: {
      'ADD ORGANIZATION USERS': propertyOf('ORGANIZATION USERS', 'names'),
      'REMOVE ORGANIZATION USERS': propertyOf('ORGANIZATION USERS', 'names'),
    },
  },
  { name: 'ROLE' },
  { name: 'DATABASE ROLE' },
  { name: 'APPLICATION ROLE' },
  {
    name: 'RESOURCE MONITOR',
    with: true,
    phrases: monitorPhrases,
    actions: {
      TRIGGERS: propertyOf('TRIGGERS', 'triggers'),
      NOTIFY_USERS: assigned('NOTIFY_USERS'),
    },
  },
  {
    name: 'CONNECTION',
    sources: { 'AS REPLICA OF': 'CONNECTION' },
    phrases: { COMMENT: 'value', 'IGNORE EDITION CHECK': 'nothing' },
    actions: replicationActions,
  },
  {
    name: 'FAILOVER GROUP',
    sources: { 'AS REPLICA OF': 'FAILOVER GROUP' },
    phrases: groupPhrases,
    actions: groupActions,
  },
  {
    name: 'REPLICATION GROUP',
    sources: { 'AS REPLICA OF': 'REPLICATION GROUP' },
    phrases: groupPhrases,
    actions: groupActions,
  },
  {
    name: 'SHARE',
    phrases: { COMMENT: 'value', ACCOUNTS: 'names' },
    actions: { 'ADD ACCOUNTS': assigned('ACCOUNTS'), 'REMOVE ACCOUNTS': assigned('ACCOUNTS') },
  },
  { name: 'CONTACT' },
]
