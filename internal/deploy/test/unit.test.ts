import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { root } from '../src/page.ts';
import { parseUnit, parseVariables } from '../src/unit.ts';

const read = (name: string) => parseUnit(readFileSync(join(root, 'deploy/systemd', name), 'utf8'));

test('variables of a unit: several lines, and quotes around one with blanks', () => {
  const variables = parseVariables(read('heurist-miner.service').get('Environment')!);
  expect(variables).toMatchObject({
    HEURIST_STATUS_PORT: '9188',
    HEURIST_RESTART_COMMAND: 'systemctl restart comfyui.service',
  });
});

test('a file of variables: comments and empty lines do not count, and values may hold "="', () => {
  expect(parseVariables(['# a comment', '', 'URL=postgres:///a?host=b'])).toEqual({ URL: 'postgres:///a?host=b' });
});
