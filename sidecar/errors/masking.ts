/** Refusals of masking. */

import { denied, type Entry } from './entry.ts'

export const maskingErrors = {
  ColumnUseRefused: {
    ...denied,
    text: 'Column {column} is masked by MaskingRule "{rule}" and is used in {usage} (line {line}, column {position}). On masked values this would give a wrong answer.',
    advice:
      'Protected columns may only be selected. Filter, join or group on another column, such as {suggestion}.',
  },
  ColumnUnresolvable: {
    ...denied,
    text: 'Column {column} in {usage} could not be traced, and {object} has masked columns.',
    advice:
      "Check its spelling (DESCRIBE TABLE lists the columns), or qualify it with its table's alias.",
  },
  MaskUnmatched: {
    ...denied,
    text: 'MaskingRule "{rule}" protects column {column}, which is not there, or not visible to the gateway; it may go by another name now.',
    advice: 'Ask the owner of the rule to correct it. Until then schema {schema} is closed.',
  },
  MaskImpossible: {
    ...denied,
    text: 'Column {column} has type {type}, for which mask "{method}" of MaskingRule "{rule}" gives no valid value.',
    advice: 'Ask the owner of the rule to use null, which fits every type.',
  },
  MaskKeyMissing: {
    ...denied,
    text: 'Column {column} is masked by MaskingRule "{rule}" with the key in Secret "{secret}", which the gateway does not have.',
    advice: 'Tell the platform team. Select other columns meanwhile.',
  },
  PersistRefused: {
    ...denied,
    text: '{statement} would store or give away column {column}, which is masked by MaskingRule "{rule}": neither it nor its mask may be kept.',
    advice: 'Leave the column out.',
  },
  ProtectedChangeRefused: {
    ...denied,
    text: '{statement} would change how {object} is found or what it is called, and MaskingRule "{rule}" speaks of it by name.',
    advice: 'Ask the owner of the rule to do it together with the rule.',
  },
  ProtectedValueRefused: {
    ...denied,
    text: 'Column {column} is masked by MaskingRule "{rule}", and takes literal or bound values only; {found} is neither.',
    advice: 'Write the value itself, or leave the column out.',
  },
  MaskWriteBack: {
    ...denied,
    text: 'A value for column {column} looks like the mask that MaskingRule "{rule}" gives: writing it would destroy the real one.',
    advice: 'Leave the column out, or write the real value.',
  },
  ResultUnknown: {
    code: '000709',
    sqlState: '02000',
    text: '{what} does not name a result that this session was given under the present rules.',
    advice: 'Run the statement again, and use its id or LAST_QUERY_ID() right after it.',
  },
  ResultNotReady: {
    code: '000709',
    sqlState: '02000',
    text: '{what} has nothing to read: {reason}.',
    advice: "Ask the driver for the statement's status first.",
  },
  CanarySeen: {
    ...denied,
    text: 'The result was withheld: it holds a value that no result may hold. Incident {incident}.',
    advice: 'Tell the platform team; masking may be broken.',
  },
  ConstructOnProtected: {
    ...denied,
    text: '{construct} cannot be used on {object}, which has masked columns.',
    advice: 'Use a plain SELECT from it.',
  },
} as const satisfies Record<string, Entry>
