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
  RulesChanged: {
    ...denied,
    text: 'Policy changed while the statement ran, so what it gave was made by rules that are not in force any more. Nothing of it is returned.',
    advice: 'Run it again.',
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
  ApprovalTooLarge: {
    ...denied,
    text: 'The statement needs approval by rule "{rule}" of AgentPolicy "{policy}", and {what} is larger than {kilobytes} KB: nobody could look through it, and the gateway keeps no more while it waits.',
    advice: 'Split the statement, or load the data into a table first and refer to that.',
  },
  ApprovalReasonMissing: {
    ...denied,
    text: 'The statement needs approval by rule "{rule}" of AgentPolicy "{policy}", and whoever approves it wants to know why you need it. No reason was given.',
    advice:
      "Begin the statement with a comment /* reason: why you need it */, or say it for the session by SET FROSTGATE_REASON = 'why you need it'; then send it again.",
  },
  ApprovalRulesDiffer: {
    ...denied,
    text: 'The statement needs approval by rule "{rule}" of AgentPolicy "{policy}", and by rule "{other}" of AgentPolicy "{otherPolicy}". Who approves by one of them is not enough for the other, so nobody can be asked.',
    advice:
      'Send a statement for each of what the rules speak of; or have the policy ask the same people in both rules.',
  },
  ApprovalRequired: {
    ...denied,
    text: '{statement} needs approval by rule "{rule}" of AgentPolicy "{policy}": {count} of {approvers}. Request {request}.',
    advice:
      'Nobody has been asked, as there is no gateway here that can ask: show the request to them, or do without: {alternative}.',
  },
  ApprovalDenied: {
    ...denied,
    text: 'Request {request} was denied by {by}. Their note: {note}.',
    advice: 'Do not send it again as it is. Do without: {alternative}.',
  },
  ApprovalPending: {
    ...denied,
    text: 'The statement needs approval of {count} of {approvers}. They have been asked: request {request}.',
    advice:
      'Once they have approved it, send the same statement again within {minutes} min, from the same session settings. Or do without: {alternative}.',
  },
  ApprovalExpired: {
    ...denied,
    text: 'Request {request} expired: {count} of {approvers} had to approve it within {minutes} min{window}.',
    advice: 'Send the statement again when they are there, or do without: {alternative}.',
  },
  ApprovalUsed: {
    ...denied,
    text: 'Request {request} was approved, and the same statement has run by the approval as often as it may ({uses}).',
    advice:
      'Look first whether that one did what you want. If not, send the statement again to ask again.',
  },
  ApprovalOutdated: {
    ...denied,
    text: 'What request {request} asked for is not what would run now. Changed since: {what}.',
    advice: 'Nothing ran. Send the statement again to ask for it as it is now.',
  },
  ApprovalUnavailable: {
    ...denied,
    text: 'Request {request} could not be decided: {reason}.',
    advice: 'Nothing ran. Send the statement again later, or do without: {alternative}.',
  },
  ApprovalInTransaction: {
    ...denied,
    text: 'The statement needs approval by rule "{rule}" of AgentPolicy "{policy}", and its transaction holds changes that are not committed: rows would stay locked while people decide.',
    advice:
      'COMMIT or ROLLBACK first, then send it again; begin a new transaction with it, if any.',
  },
  ApprovalUnclear: {
    ...denied,
    text: 'The statement needs approval by rule "{rule}" of AgentPolicy "{policy}", and the gateway does not know what is set: {what}. Whoever approves it must know what they approve.',
    advice:
      'Set it again (SET, or ALTER SESSION SET), or connect again; then send the statement again.',
  },
  ApprovalsTooMany: {
    ...denied,
    text: '{most} statements of this identity wait for approval already, which is the limit.',
    advice: 'Wait until one of them is decided, or cancel one.',
  },
  RateLimited: {
    ...denied,
    text: 'More than {limit} statements in a minute.',
    advice: 'Wait {seconds} s, then go on more slowly.',
  },
} as const satisfies Record<string, Entry>
