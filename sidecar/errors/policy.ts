/** Refusals of policy. What a text may hold: `entry.ts`. */

import { denied, type Entry } from './entry.ts'

export const policyErrors = {
  PolicyDenied: {
    ...denied,
    text: '{statement} is denied by rule "{rule}" of AgentPolicy "{policy}".',
    advice: '{message}',
  },
  PolicyUncovered: {
    ...denied,
    text: 'No policy rule allows {access} for this identity. Policies consulted: {policies}.',
    advice: '{hint}',
  },
  FunctionNotAllowed: {
    ...denied,
    text: 'Function {function} is not on the list of functions that agents may call.',
    advice:
      'Use built-in deterministic functions, or ask the policy owner to list it under functions in an Allow rule.',
  },
  SessionParameterRefused: {
    ...denied,
    text: 'Session parameter {parameter} may not be set through the gateway: {reason}.',
    advice: 'Allowed: {allowed}.',
  },
  UseRefused: {
    ...denied,
    text: 'USE {object} {name} is refused: {reason}.',
    advice: 'Allowed here: {allowed}.',
  },
  RowLimitExceeded: {
    ...denied,
    text: 'The result has {rows} rows; the limit for this identity is {limit} rows per statement.',
    advice: 'Add a filter or LIMIT {limit}, or aggregate.',
  },
  BytesLimitExceeded: {
    ...denied,
    text: 'The result has {bytes} bytes; the limit for this identity is {limit} bytes per statement.',
    advice: 'Select fewer columns or rows, or aggregate.',
  },
  RowBudgetExceeded: {
    ...denied,
    text: 'The result has {rows} rows, and {used} of the {limit} rows that this identity may read in an hour are used.',
    advice: 'Wait {minutes} min, aggregate in SQL, or ask the policy owner for more.',
  },
  ConcurrencyExceeded: {
    ...denied,
    text: '{limit} statements of this identity are running already, which is its limit.',
    advice: 'Wait for one of them to end.',
  },
  ApprovalRequired: {
    ...denied,
    text: '{statement} needs approval by rule "{rule}" of AgentPolicy "{policy}": {count} of {approvers}. Request {request}.',
    advice:
      'This version of the gateway cannot hold a statement yet: show the request to them, or do without: {alternative}.',
  },
  RateLimited: {
    ...denied,
    text: 'More than {limit} statements in a minute.',
    advice: 'Wait {seconds} s, then go on more slowly.',
  },
} as const satisfies Record<string, Entry>
