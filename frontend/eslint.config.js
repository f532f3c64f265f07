import js from '@eslint/js';
import jsxA11y from 'eslint-plugin-jsx-a11y';
import reactHooks from 'eslint-plugin-react-hooks';
import globals from 'globals';
import tseslint from 'typescript-eslint';

const outside = ['fetch', 'EventSource', 'XMLHttpRequest', 'WebSocket'].map((name) => ({
  name,
  message: 'Only src/bridge talks to the program.',
}));

const storage = ['localStorage', 'sessionStorage'].map((name) => ({
  name,
  message: 'Use src/lib/storage, which survives a full or forbidden storage.',
}));

/** Refuses imports of the named layers, with the reason. */
function layer(files, forbidden, reason, extra = []) {
  return {
    files,
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            { group: forbidden.flatMap((f) => [`@/${f}`, `@/${f}/*`, `**/${f}/*`]), message: reason },
            ...extra,
          ],
        },
      ],
    },
  };
}

const noRelativeEscape = (group) => [{ group, message: 'Features never import features; src/app composes them.' }];

export default tseslint.config(
  { ignores: ['dist/', 'dist-missing/', 'node_modules/', 'src/bridge/api.gen.ts', 'test-results/', 'playwright-report/'] },
  js.configs.recommended,
  ...tseslint.configs.recommendedTypeChecked,
  jsxA11y.flatConfigs.strict,
  reactHooks.configs.flat['recommended-latest'],
  {
    languageOptions: {
      globals: { ...globals.browser },
      parserOptions: { projectService: { allowDefaultProject: ['eslint.config.js', 'e2e/*.mjs'] }, tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/no-misused-promises': ['error', { checksVoidReturn: { attributes: false } }],
      'jsx-a11y/no-autofocus': 'off',
      'max-lines': ['error', { max: 499 }],
      'no-console': 'error',
      'react-hooks/incompatible-library': 'off',
      '@typescript-eslint/only-throw-error': ['error', { allow: [{ from: 'package', package: '@tanstack/router-core', name: 'Redirect' }] }],
      '@typescript-eslint/no-unused-vars': ['error', { varsIgnorePattern: '^_', argsIgnorePattern: '^_' }],
    },
  },
  {
    files: ['src/**/*.{ts,tsx}'],
    rules: {
      'no-restricted-globals': ['error', ...outside, ...storage],
      'no-restricted-properties': [
        'error',
        { object: 'window', property: 'fetch', message: 'Only src/bridge talks to the program.' },
        { object: 'window', property: 'runtime', message: 'Only src/bridge talks to the window.' },
        { object: 'window', property: 'go', message: 'Only src/bridge talks to the window.' },
        { object: 'window', property: 'localStorage', message: 'Use src/lib/storage.' },
      ],
    },
  },
  layer(['src/lib/**'], ['bridge', 'state', 'ui', 'features', 'app'], 'lib is pure and knows nothing of the program.'),
  layer(['src/bridge/**'], ['state', 'ui', 'features', 'app'], 'bridge is the door to the program; it knows no screens.'),
  layer(['src/state/**'], ['ui', 'features', 'app'], 'state knows no screens.'),
  layer(['src/ui/**'], ['features', 'app'], 'ui is shared by features and knows none of them.'),
  layer(['src/features/*/*.{ts,tsx}'], ['features', 'app'], 'Features never import features; src/app composes them.', noRelativeEscape(['../*'])),
  layer(['src/features/*/*/*.{ts,tsx}'], ['features', 'app'], 'Features never import features; src/app composes them.', noRelativeEscape(['../../*'])),
  { files: ['src/bridge/**'], rules: { 'no-restricted-globals': ['error', ...storage], 'no-restricted-properties': 'off' } },
  { files: ['src/lib/storage.ts'], rules: { 'no-restricted-globals': ['error', ...outside], 'no-restricted-properties': 'off' } },
  {
    files: ['**/*.test.{ts,tsx}', 'test/**', 'e2e/**'],
    languageOptions: { globals: { ...globals.node } },
    rules: { 'no-restricted-globals': 'off', 'no-restricted-properties': 'off', 'react-hooks/rules-of-hooks': 'off' },
  },
  { files: ['eslint.config.js', '**/*.mjs'], ...tseslint.configs.disableTypeChecked },
);
