/** Projects: notebooks, apps, repositories and the like, which hold files and versions. */

import { labelled, maybeLabelled, propertyOf } from '../actions.ts'
import type { Actions } from '../actions.ts'
import type { ObjectClass } from '../classes.ts'
import type { Phrases } from '../phrases.ts'

const phrases: Phrases = { COMMENT: 'value', FROM: 'place' }

const gitPhrases: Phrases = { TO: 'place', FROM: 'place' }

/** Of what is edited live and saved as versions. */
const versionActions: Actions = {
  'ADD VERSION': maybeLabelled(phrases),
  'ADD LIVE VERSION': maybeLabelled({ ...phrases, 'FROM LAST': 'nothing' }),
  'DROP VERSION': labelled({}),
  COMMIT: 'options',
  PUSH: maybeLabelled(gitPhrases),
  PULL: 'nothing',
  ABORT: 'nothing',
  FETCH: 'nothing',
  'ADD FILES': propertyOf('FILES', 'list'),
}

export const projectClasses: readonly ObjectClass[] = [
  {
    name: 'NOTEBOOK',
    verbs: ['CREATE', 'ALTER', 'DROP', 'UNDROP'],
    phrases,
    actions: versionActions,
  },
  { name: 'NOTEBOOK PROJECT', phrases, actions: versionActions },
  {
    name: 'STREAMLIT',
    verbs: ['CREATE', 'ALTER', 'DROP', 'UNDROP'],
    phrases,
    actions: versionActions,
  },
  { name: 'DBT PROJECT', phrases, actions: versionActions },
  { name: 'DCM PROJECT', phrases, actions: versionActions },
  { name: 'WORKSPACE', phrases, actions: versionActions },
  { name: 'GIT REPOSITORY', actions: { FETCH: 'nothing' } },
  { name: 'ARTIFACT REPOSITORY' },
]
