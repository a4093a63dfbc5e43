/** What is published and installed: applications, packages, listings. */

import { labelled, maybeLabelled, propertyOf } from '../actions.ts'
import type { Actions } from '../actions.ts'
import {
  packageChannel,
  patch,
  releaseDirective,
  specificationDecision,
} from '../application/package.ts'
import { unsetReferences, upgrade, usingVersion } from '../application/application.ts'
import { manifest } from '../application/listing.ts'
import type { ObjectClass } from '../classes.ts'
import type { Phrases } from '../phrases.ts'

const versionPhrases: Phrases = { USING: 'place', COMMENT: 'value' }

const packageActions: Actions = {
  'ADD VERSION': maybeLabelled(versionPhrases),
  'REGISTER VERSION': maybeLabelled(versionPhrases),
  'ADD PATCH': patch,
  'DROP VERSION': labelled({}),
  'DEREGISTER VERSION': labelled({}),
  'SET DEFAULT RELEASE DIRECTIVE': 'options',
  'MODIFY RELEASE DIRECTIVE': releaseDirective,
  'SET RELEASE DIRECTIVE': releaseDirective,
  'UNSET RELEASE DIRECTIVE': labelled({}),
  'MODIFY RELEASE CHANNEL': packageChannel,
}

const applicationActions: Actions = {
  UPGRADE: upgrade,
  'UNSET REFERENCES': unsetReferences,
  'APPROVE SPECIFICATION': specificationDecision,
  'DECLINE SPECIFICATION': specificationDecision,
  'SET SPECIFICATION': specificationDecision,
  'DROP SPECIFICATION': labelled({}),
  'DROP CONFIGURATION DEFINITION': labelled({}),
  'SET CONFIGURATION DEFINITION': specificationDecision,
  'SET SHARED TELEMETRY EVENTS': propertyOf('SHARED TELEMETRY EVENTS', 'list'),
  ...Object.fromEntries(
    ['FEATURE POLICY', 'MAINTENANCE POLICY'].flatMap((policy): [string, Actions[string]][] => [
      [`SET ${policy}`, propertyOf(policy, 'name')],
      [`UNSET ${policy}`, 'nothing'],
    ]),
  ),
}

const listingPhrases: Phrases = {
  COMMENT: 'value',
  SHARE: 'name',
  'APPLICATION PACKAGE': 'name',
  FROM: 'place',
}

const listingActions: Actions = {
  PUBLISH: 'nothing',
  UNPUBLISH: 'nothing',
  REVIEW: 'nothing',
  AS: manifest,
  'ADD VERSION': maybeLabelled({ FROM: 'place', COMMENT: 'value' }),
  'ADD TARGETS': propertyOf('TARGETS', 'text'),
  'REMOVE TARGETS': propertyOf('TARGETS', 'text'),
}

const listing = {
  naming: 'text',
  phrases: listingPhrases,
  clauses: { AS: manifest },
} as const

export const applicationClasses: readonly ObjectClass[] = [
  {
    name: 'APPLICATION',
    sources: { 'FROM APPLICATION PACKAGE': 'APPLICATION PACKAGE', 'FROM LISTING': 'LISTING' },
    clauses: { USING: usingVersion },
    actions: applicationActions,
  },
  { name: 'APPLICATION PACKAGE', actions: packageActions },
  { name: 'LISTING', verbs: ['ALTER', 'DROP'], naming: 'text', actions: listingActions },
  { name: 'EXTERNAL LISTING', verbs: ['CREATE'], ...listing },
  { name: 'ORGANIZATION LISTING', verbs: ['CREATE'], ...listing },
  {
    name: 'ORGANIZATION PROFILE',
    naming: 'text',
    phrases: listingPhrases,
    clauses: { AS: manifest },
    actions: listingActions,
  },
]
