import { expect, test } from 'vitest';
import { spell } from './spelling.ts';

test.each([
  ['miner --help', {}, 'heurist miner --help'],
  ['miner --help', { npm_command: 'exec' }, 'npx @heurist/cli miner --help'],
  ['dev', { npm_command: 'run-script' }, 'npx @heurist/dev'],
  ['dev', { npm_command: 'run-script', HEURIST_CLONE: '1' }, 'npm run heurist -- dev'],
])('%s with %j', (command, env, spelled) => {
  expect(spell(command, env)).toBe(spelled);
});
