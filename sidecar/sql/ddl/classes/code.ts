/** Functions, procedures, and where code comes from. */

import type { Actions } from '../actions.ts'
import type { ObjectClass } from '../classes.ts'
import { externalFunction, functionTail, procedureTail } from '../code/routine.ts'

const temporary = ['TEMP', 'TEMPORARY', 'SCOPED']

const procedureActions: Actions = {
  'EXECUTE AS CALLER': 'nothing',
  'EXECUTE AS OWNER': 'nothing',
  'EXECUTE AS RESTRICTED CALLER': 'nothing',
}

export const codeClasses: readonly ObjectClass[] = [
  {
    name: 'FUNCTION',
    modifiers: [...temporary, 'SECURE', 'AGGREGATE'],
    naming: 'signature',
    phrases: { COMMENT: 'value', SECURE: 'nothing' },
    create: functionTail,
  },
  // ALTER and DROP of the next two say FUNCTION.
  {
    name: 'EXTERNAL FUNCTION',
    verbs: ['CREATE'],
    modifiers: ['SECURE'],
    create: externalFunction,
  },
  {
    name: 'DATA METRIC FUNCTION',
    verbs: ['CREATE'],
    modifiers: ['SECURE'],
    create: functionTail,
  },
  {
    name: 'PROCEDURE',
    modifiers: [...temporary, 'SECURE'],
    naming: 'signature',
    actions: procedureActions,
    create: procedureTail,
  },
]
