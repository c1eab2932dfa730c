import { expect, test } from 'vitest';
import { respell, spell, spellDev, spellWith } from './spelling.ts';

const clone = { npm_command: 'run-script', HEURIST_CLONE: '1' };
const npx = { npm_command: 'exec' };

test.each([
  ['miner --help', {}, 'heurist miner --help'],
  ['miner --help', npx, 'npx @heurist/cli miner --help'],
  ['dev', { npm_command: 'run-script' }, 'npx @heurist/dev'],
  ['dev --workflow .', npx, 'npx @heurist/dev --workflow .'],
  ['dev --workflow .', clone, 'npm run heurist -- dev --workflow .'],
])('%s with %j', (command, env, spelled) => {
  expect(spell(command, env)).toBe(spelled);
});

test('the local network, and what needs a package more', () => {
  expect([{}, npx, clone].map((env) => spellDev(env))).toEqual([
    'npx @heurist/dev',
    'npx @heurist/dev',
    'npm run heurist -- dev',
  ]);
  expect(spellWith('x', 'sequencer', {})).toBe('npm install x');
  expect(spellWith('x', 'sequencer', npx)).toBe('npx -p @heurist/cli -p x heurist sequencer');
});

test('commands within a text', () => {
  const text = 'id (`heurist keys list` shows it), `x=1` or `heurist dev`';
  expect(respell(text, npx)).toBe('id (`npx @heurist/cli keys list` shows it), `x=1` or `npx @heurist/dev`');
  expect(respell(text, {})).toBe(text);
});
