/** What holds data and says how to read it; tables and views are in `relation.ts`. */

import { accounts } from '../account/groups.ts'
import { labelled, naming, propertyOf } from '../actions.ts'
import type { Actions } from '../actions.ts'
import type { ObjectClass } from '../classes.ts'
import type { Phrases } from '../phrases.ts'
import type { Sources } from '../source.ts'
import { backupChange, backupPolicy } from '../storage/backup.ts'
import { storageLocation, updatedLocation } from '../storage/external-volume.ts'
import { hybridIndex } from '../storage/hybrid-index.ts'
import { maskingPolicies } from '../storage/tag.ts'
import { userType } from '../storage/user-type.ts'

const all = ['CREATE', 'ALTER', 'DROP', 'UNDROP'] as const
const temporary = ['TEMP', 'TEMPORARY', 'SCOPED']

const containerPhrases: Phrases = {
  COMMENT: 'value',
  'WITH MANAGED ACCESS': 'nothing',
  'IGNORE TABLES WITH INSUFFICIENT DATA RETENTION': 'nothing',
  'IGNORE HYBRID TABLES': 'nothing',
  'INCLUDE INTERNAL STAGES': 'nothing',
  IDENTIFIER: 'text',
}

const databaseSources: Sources = {
  CLONE: 'DATABASE',
  'AS REPLICA OF': 'DATABASE',
  'FROM SHARE': 'SHARE',
  'FROM LISTING': 'LISTING',
  'FROM BACKUP SET': 'BACKUP SET',
  'FROM SNAPSHOT SET': 'BACKUP SET',
}

const databaseActions: Actions = {
  'SWAP WITH': naming('DATABASE'),
  'ENABLE REPLICATION TO ACCOUNTS': accounts,
  'DISABLE REPLICATION TO ACCOUNTS': accounts,
  'DISABLE REPLICATION': 'nothing',
  'ENABLE FAILOVER TO ACCOUNTS': accounts,
  'DISABLE FAILOVER TO ACCOUNTS': accounts,
  'DISABLE FAILOVER': 'nothing',
  REFRESH: 'nothing',
  PRIMARY: 'nothing',
  'SUSPEND DISCOVERY': 'nothing',
  'RESUME DISCOVERY': 'nothing',
}

const sequencePhrases: Phrases = {
  COMMENT: 'value',
  START: 'number',
  'START WITH': 'number',
  INCREMENT: 'number',
  'INCREMENT BY': 'number',
  ORDER: 'nothing',
  NOORDER: 'nothing',
}

/** What a backup set, once called snapshot set, is of. */
const backedUp: Sources = {
  'FOR TABLE': 'TABLE',
  'FOR DYNAMIC TABLE': 'DYNAMIC TABLE',
  'FOR ICEBERG TABLE': 'ICEBERG TABLE',
  'FOR SCHEMA': 'SCHEMA',
  'FOR DATABASE': 'DATABASE',
}

export const storageClasses: readonly ObjectClass[] = [
  {
    name: 'DATABASE',
    verbs: all,
    modifiers: ['TRANSIENT'],
    phrases: containerPhrases,
    sources: databaseSources,
    actions: databaseActions,
  },
  {
    name: 'SCHEMA',
    verbs: all,
    modifiers: ['TRANSIENT'],
    phrases: containerPhrases,
    sources: {
      CLONE: 'SCHEMA',
      'FROM BACKUP SET': 'BACKUP SET',
      'FROM SNAPSHOT SET': 'BACKUP SET',
    },
    actions: {
      'SWAP WITH': naming('SCHEMA'),
      'ENABLE MANAGED ACCESS': 'nothing',
      'DISABLE MANAGED ACCESS': 'nothing',
    },
  },
  { name: 'VERSIONED SCHEMA' },
  { name: 'TYPE', create: userType },
  {
    name: 'STAGE',
    modifiers: temporary,
    sources: { CLONE: 'STAGE' },
    actions: { REFRESH: 'options' },
  },
  {
    name: 'FILE FORMAT',
    modifiers: [...temporary, 'VOLATILE'],
    sources: { CLONE: 'FILE FORMAT' },
  },
  {
    name: 'SEQUENCE',
    with: true,
    sources: { CLONE: 'SEQUENCE' },
    phrases: sequencePhrases,
    actions: {
      INCREMENT: propertyOf('INCREMENT', 'number'),
      'INCREMENT BY': propertyOf('INCREMENT BY', 'number'),
    },
  },
  { name: 'INDEX', verbs: ['CREATE', 'DROP'], create: hybridIndex },
  {
    name: 'EXTERNAL VOLUME',
    verbs: all,
    actions: {
      'ADD STORAGE_LOCATION': storageLocation,
      'REMOVE STORAGE_LOCATION': labelled({}),
      'UPDATE STORAGE_LOCATION': updatedLocation,
    },
  },
  ...['BACKUP', 'SNAPSHOT'].flatMap((word): readonly ObjectClass[] => [
    {
      name: `${word} POLICY`,
      phrases: { COMMENT: 'value', 'WITH RETENTION LOCK': 'nothing' },
    },
    {
      name: `${word} SET`,
      sources: backedUp,
      phrases: {
        COMMENT: 'value',
        [`WITH ${word} POLICY`]: 'name',
        'IGNORE HYBRID TABLES': 'nothing',
      },
      actions: {
        [`ADD ${word}`]: 'nothing',
        [`DELETE ${word} IDENTIFIER`]: labelled({}),
        [`MODIFY ${word} IDENTIFIER`]: backupChange,
        [`APPLY ${word} POLICY`]: backupPolicy,
        [`SUSPEND ${word} POLICY`]: 'nothing',
        [`RESUME ${word} POLICY`]: 'nothing',
        [`SUSPEND ${word} CREATION POLICY`]: 'nothing',
        [`RESUME ${word} CREATION POLICY`]: 'nothing',
        [`SUSPEND ${word} EXPIRATION POLICY`]: 'nothing',
        [`RESUME ${word} EXPIRATION POLICY`]: 'nothing',
      },
      needs: { parts: ['source'], expected: 'FOR TABLE, FOR SCHEMA or FOR DATABASE' },
    },
  ]),
  { name: 'SECRET' },
  {
    name: 'TAG',
    verbs: all,
    phrases: { COMMENT: 'value', ALLOWED_VALUES: 'names' },
    actions: {
      'ADD ALLOWED_VALUES': propertyOf('ALLOWED_VALUES', 'names'),
      'DROP ALLOWED_VALUES': propertyOf('ALLOWED_VALUES', 'names'),
      'SET MASKING POLICY': maskingPolicies,
      'UNSET MASKING POLICY': maskingPolicies,
    },
  },
]
