import metadata from '../package.json' with { type: 'json' }

/** The version of Frostgate that is running. */
export const { version } = metadata
