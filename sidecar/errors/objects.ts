/** What the catalogue does not know, or no longer. */

import { denied, type Entry } from './entry.ts'

export const objectErrors = {
  ObjectUnknown: {
    code: '002003',
    sqlState: '02000',
    text: 'Object {object} does not exist or is not visible to role {role}.',
    advice:
      'Check the spelling, or qualify it as DATABASE.SCHEMA.NAME; SHOW TABLES lists what is there.',
  },
  ObjectUnqualified: {
    code: '090105',
    sqlState: '22000',
    text: 'Object {object} is not fully qualified and the session has no current {missing}.',
    advice: 'Write it as DATABASE.SCHEMA.NAME, or run USE first.',
  },
  ViewUnreadable: {
    ...denied,
    text: 'View {view} cannot be checked for protected columns: {reason}.',
    advice: 'Query the tables behind it, or ask its owner to let role {role} read its definition.',
  },
  TemporaryHides: {
    ...denied,
    text: '{object} would be there twice, temporary and permanent. The temporary one hides the other from this session, and from the rules that name it.',
    advice: 'Choose another name.',
  },
  TemporaryTooMany: {
    ...denied,
    text: 'The session has {most} temporary objects, which is as many as the gateway keeps in mind.',
    advice: 'Drop those that are not needed any more, or connect again.',
  },
  CatalogChanged: {
    ...denied,
    text: '{object} changed while the statement ran, so it is not certain that its masks fitted. Nothing was returned.',
    advice: 'Run the statement again.',
  },
  CatalogChangedLate: {
    ...denied,
    text: '{object} changed while the statement ran, which has taken effect: it may have used columns that masking rules protect, or other rows than were approved. Incident {incident}.',
    advice: 'Tell the platform team; look at what it wrote before anybody reads it.',
  },
  CatalogUnconfirmed: {
    ...denied,
    text: 'Snowflake does not tell role {role} when {object} last changed, so its masks cannot be confirmed after the statement ran.',
    advice: 'Ask the platform team to let the role see INFORMATION_SCHEMA.TABLES of its database.',
  },
  TagsUnreadable: {
    ...denied,
    text: 'The tags of {object} cannot be read by the role of the connection, and masking rules go by tags.',
    advice: 'Ask the platform team to let the role read TAG_REFERENCES_ALL_COLUMNS there.',
  },
} as const satisfies Record<string, Entry>
