import tseslint from 'typescript-eslint'

export default tseslint.config(
  {
    ignores: ['dist/**', '.cache/**', 'coverage/**', 'node_modules/**', '.dependency-cruiser.cjs'],
  },
  ...tseslint.configs.strictTypeChecked,
  {
    languageOptions: {
      parserOptions: { projectService: { allowDefaultProject: ['*.config.js'] } },
    },
    rules: {
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
      'max-lines': ['error', { max: 400, skipBlankLines: false, skipComments: false }],
      eqeqeq: 'error',
      'no-console': 'error',
    },
  },
  {
    // Generated from the definitions, and as long as these.
    files: ['crds/types.ts'],
    rules: { 'max-lines': 'off' },
  },
  {
    files: ['**/*.mjs', '**/*.js'],
    ...tseslint.configs.disableTypeChecked,
  },
  {
    // The agent is somebody else's program; it prints.
    files: ['examples/*/*.mjs', 'test/**', 'cli/**'],
    rules: { 'no-console': 'off' },
  },
)
