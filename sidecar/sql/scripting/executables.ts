/** What EXECUTE runs besides EXECUTE IMMEDIATE, and what may follow its name. */

import type { Phrases } from '../ddl/properties.ts'

export interface Executable {
  /** Its words, as behind EXECUTE. */
  readonly name: string
  /** What the role needs to run it. */
  readonly privilege: 'OPERATE' | 'USAGE'
  /** Options written `NAME = value`. */
  readonly options: readonly string[]
  readonly phrases: Phrases
  /** Exactly one of these must be given, if there are any. */
  readonly oneOf: readonly string[]
  /** Runs without this session, after it maybe. */
  readonly detached: boolean
}

/** Of two that begin with the same words the longer comes first. */
export const executables: readonly Executable[] = [
  {
    name: 'TASK',
    privilege: 'OPERATE',
    options: [],
    phrases: {
      'RETRY LAST': 'nothing',
      'RETRY GRAPH RUN GROUP': 'text',
      'USING CONFIG': 'value',
    },
    oneOf: [],
    detached: true,
  },
  { name: 'ALERT', privilege: 'OPERATE', options: [], phrases: {}, oneOf: [], detached: true },
  {
    name: 'NOTEBOOK PROJECT',
    privilege: 'USAGE',
    options: [
      ...['MAIN_FILE', 'COMPUTE_POOL', 'RUNTIME', 'QUERY_WAREHOUSE', 'ARGUMENTS'],
      ...['EXTERNAL_ACCESS_INTEGRATIONS', 'REQUIREMENTS_FILE'],
    ],
    phrases: {},
    oneOf: [],
    detached: false,
  },
  { name: 'NOTEBOOK', privilege: 'USAGE', options: [], phrases: {}, oneOf: [], detached: false },
  {
    name: 'DBT PROJECT',
    privilege: 'USAGE',
    options: ['ARGS', 'DBT_VERSION', 'PROJECT_ROOT', 'EXTERNAL_ACCESS_INTEGRATIONS'],
    phrases: {},
    oneOf: [],
    detached: false,
  },
  {
    name: 'DCM PROJECT',
    privilege: 'USAGE',
    options: [],
    phrases: {
      PLAN: 'nothing',
      DEPLOY: 'nothing',
      PURGE: 'nothing',
      'REFRESH ALL': 'nothing',
      'TEST ALL': 'nothing',
      PREVIEW: 'name',
      AS: 'value',
      'USING CONFIGURATION': 'name',
      USING: 'arguments',
      FROM: 'value',
      OUTPUT_PATH: 'value',
    },
    oneOf: ['PLAN', 'DEPLOY', 'PURGE', 'REFRESH ALL', 'TEST ALL', 'PREVIEW'],
    detached: false,
  },
  {
    name: 'JOB SERVICE',
    privilege: 'USAGE',
    options: [
      ...['NAME', 'ASYNC', 'REPLICAS', 'QUERY_WAREHOUSE', 'COMMENT'],
      ...['EXTERNAL_ACCESS_INTEGRATIONS', 'SPECIFICATION_FILE', 'SPECIFICATION_TEMPLATE_FILE'],
    ],
    phrases: {
      'FROM SPECIFICATION': 'text',
      'FROM SPECIFICATION_TEMPLATE': 'text',
      FROM: 'value',
      USING: 'arguments',
    },
    oneOf: ['FROM', 'FROM SPECIFICATION', 'FROM SPECIFICATION_TEMPLATE'],
    detached: false,
  },
]
