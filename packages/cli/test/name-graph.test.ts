import { describe, expect, test } from 'vitest';
import { nameGraph, suggest } from '../src/workflows/name-graph.ts';
import { runCli } from './run-cli.ts';

const cwd = import.meta.dirname;
const help = async (...args: string[]) => (await runCli(['run', ...args, '--help'], { cwd })).stdout;

describe('--workflow-id', () => {
  test.each([['--workflow-id', 'flux-dev'], ['--workflow-id=flux-dev']])(
    '%s: the flags are those of that graph',
    async (...flag) => {
      expect(nameGraph(['run', 'text2image', '--prompt', 'x', ...flag, '--local'])).toEqual([
        'run',
        'flux-dev',
        '--prompt',
        'x',
        '--local',
      ]);
      expect(await help('text2image', ...flag)).toContain('--guidance');
      expect(await help('text2image')).not.toContain('--guidance');
    },
  );

  test.each([
    ['sdx', /text2image\. Did you mean sdxl\? Use one of: sdxl, sd15/],
    ['tiny-inpaint', /"tiny-inpaint" is not a graph of text2image/],
  ])('%s is refused, with those that there are', async (id, message) => {
    const { code, stderr } = await runCli(['run', 'text2image', '--workflow-id', id], { cwd });
    expect([code, stderr]).toEqual([1, expect.stringMatching(message)]);
  });
});

test('the list has package names; ids of graphs work all the same', async () => {
  const list = await help();
  expect(list).toMatch(/text2image.*image2image.*upscaler/s);
  expect(list).not.toMatch(/^ +(sdxl|tiny-inpaint) /m);
  expect(await help('sdxl')).toContain('heurist run sdxl');
});

test('a name that is nearly known', async () => {
  const { stderr } = await runCli(['run', 'text2imag'], { cwd });
  expect(stderr).toMatch(/unknown workflow "text2imag"\. Did you mean text2image\?/);
  expect(suggest('nonsense', ['sdxl', 'sd15'])).toBe('');
});
