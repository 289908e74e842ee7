// Lint rules: types, accessibility, and which folder may import which.
import jsxA11y from 'eslint-plugin-jsx-a11y'
import tseslint from 'typescript-eslint'

/** A folder and the folders that it must not know. Pages know everything; the ground floor knows nobody above it. */
const borders = [
  { files: ['src/format/**', 'src/url.ts'], not: ['api', 'state', 'components', 'keyboard', 'shell', 'map', 'features', 'routes'] },
  { files: ['src/api/**'], not: ['components', 'keyboard', 'shell', 'map', 'features', 'routes'] },
  { files: ['src/state/**'], not: ['components', 'keyboard', 'shell', 'map', 'features', 'routes'] },
  { files: ['src/components/**'], not: ['shell', 'map', 'features', 'routes'] },
  { files: ['src/map/**'], not: ['shell', 'features', 'routes'] },
  { files: ['src/features/**'], not: ['routes'] },
]

export default tseslint.config(
  { ignores: ['dist', 'node_modules', 'src/routeTree.gen.ts', 'src/api/schema.d.ts', 'e2e/pictures', '.tanstack'] },
  ...tseslint.configs.strictTypeChecked,
  ...tseslint.configs.stylisticTypeChecked,
  jsxA11y.flatConfigs.strict,
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      // The router's way to leave a loader.
      '@typescript-eslint/only-throw-error': 'off',
      '@typescript-eslint/consistent-type-definitions': ['error', 'interface'],
      '@typescript-eslint/prefer-nullish-coalescing': ['error', { ignorePrimitives: { string: true, boolean: true } }],
      // Effects of one line: `() => listeners.delete(listener)`.
      '@typescript-eslint/no-invalid-void-type': 'off',
      'no-console': 'error',
      // What an effect returns is called when it ends; scrollIntoView and its like return promises in new browsers.
      'no-restricted-syntax': ['error', { selector: 'CallExpression[callee.name=/^use(Layout)?Effect$/] > ArrowFunctionExpression[body.type!="BlockStatement"]', message: 'Give an effect a body in braces.' }],
    },
  },
  { files: ['e2e/**', 'scripts/**'], rules: { 'no-console': 'off' } },
  ...borders.map(({ files, not }) => ({
    files,
    rules: {
      'no-restricted-imports': ['error', { patterns: not.map((folder) => ({ group: [`~/${folder}/*`], message: `This folder does not know ${folder}/.` })) }],
    },
  })),
  { files: ['**/*.js', '**/*.mjs'], ...tseslint.configs.disableTypeChecked },
)
