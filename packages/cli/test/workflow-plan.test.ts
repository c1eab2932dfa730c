import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Graph } from '@heurist/core/definition';
import { type Ended, runHere } from '@heurist/test-servers/commands';
import { keys, TestTerminal } from '@heurist/test-servers/terminal';
import { afterAll, describe, expect, test } from 'vitest';
import { runHeurist } from '../src/run-heurist.ts';
import { runCli } from './run-cli.ts';

const cwd = mkdtempSync(join(tmpdir(), 'plan-'));
afterAll(() => rmSync(cwd, { recursive: true, force: true }));

const graph: Graph = {
  load: { class_type: 'LoadImage', inputs: { image: 'a.png' } },
  small: {
    class_type: 'ImageScale',
    inputs: { image: ['load', 0], upscale_method: 'lanczos', width: 96, height: 64, crop: 'center' },
  },
  soft: { class_type: 'ImageBlur', inputs: { image: ['small', 0], blur_radius: 6, sigma: 3 } },
  save: { class_type: 'SaveImage', inputs: { images: ['soft', 0], filename_prefix: 'x' } },
  look: { class_type: 'PreviewImage', inputs: { images: ['small', 0] } },
};
writeFileSync(join(cwd, 'My Graph.v2.json'), JSON.stringify(graph));

const create = (...args: string[]) => runCli(['workflow', 'create', 'My Graph.v2.json', ...args], { cwd });
const definitionOf = (name: string) => readFileSync(join(cwd, name, 'src/definition.ts'), 'utf8');

describe('as a script', () => {
  test('--json prints the plan, and writes nothing', async () => {
    const { code, stdout, stderr } = await create('--json');
    expect([code, stderr]).toEqual([0, '']);
    expect(JSON.parse(stdout)).toEqual({
      options: [
        expect.objectContaining({ name: 'image', kind: 'file', file: 'image', bindings: ['load.image'] }),
        expect.objectContaining({ name: 'width', kind: 'side', value: 96, isRequired: false }),
        expect.objectContaining({ name: 'height' }),
        expect.objectContaining({ name: 'blur_radius', range: [1, 31] }),
        expect.objectContaining({ name: 'sigma' }),
      ],
      fixed: [
        { node: 'small', class_type: 'ImageScale', input: 'upscale_method', value: 'lanczos' },
        { node: 'small', class_type: 'ImageScale', input: 'crop', value: 'center' },
      ],
      outputs: [{ node: 'save', class_type: 'SaveImage', makes: 'image' }],
      notes: [],
    });
    expect(readdirSync(cwd)).toEqual(['My Graph.v2.json']);
  });

  test('options are dropped, renamed and added', async () => {
    const edits = [
      '--drop',
      'width,height',
      '--rename',
      'sigma=softness',
      '--add',
      'small.crop,way=small.upscale_method',
    ];
    const { stdout } = await create('--json', ...edits);
    const { options, fixed } = JSON.parse(stdout);
    expect(options.map(({ name }: { name: string }) => name)).toEqual([
      'image',
      'blur_radius',
      'softness',
      'crop',
      'way',
    ]);
    expect(options[3]).toMatchObject({ kind: 'choice', choices: ['disabled', 'center'], value: 'center' });
    expect(fixed.map(({ input }: { input: string }) => input)).toEqual(['width', 'height']);
  });

  test('a file is called by its option, or without the ending of that', async () => {
    for (const name of ['photo', 'photo_url']) {
      const { options } = JSON.parse((await create('--json', '--rename', `image=${name}`)).stdout);
      expect(options[0]).toMatchObject({ name: 'photo', file: 'image' });
    }
  });

  test('other outputs are chosen', async () => {
    const { code, stdout } = await create('--name', 'looks', '--output', 'look');
    expect([code, stdout]).toEqual([0, expect.stringContaining('makes an image at look (PreviewImage)')]);
    expect(definitionOf('looks')).toContain("outputs: ['look']");
  });

  test('the package has what was changed, and its choices', async () => {
    await create('--name', 'changed', '--drop', 'width', '--rename', 'sigma=softness', '--add', 'small.crop');
    expect(definitionOf('changed')).toContain("softness: 'soft.sigma'");
    expect(readFileSync(join(cwd, 'changed/src/changed-options.ts'), 'utf8')).toContain("oneOf('disabled', 'center')");
  });

  test('what makes text has it in the result', async () => {
    const told = { ...graph, tell: { class_type: 'PreviewAny', inputs: { source: ['soft', 0] } } };
    writeFileSync(join(cwd, 'tell.json'), JSON.stringify(told));
    const made = await runCli(['workflow', 'create', 'tell.json', '--name', 'tells', '--output', 'tell'], { cwd });
    expect([made.code, made.stdout]).toEqual([0, expect.stringContaining('makes a text at tell (PreviewAny)')]);
    expect(readFileSync(join(cwd, 'tells/src/tells-task.ts'), 'utf8')).toContain("text: result.text ?? ''");
    expect(readFileSync(join(cwd, 'tells/README.md'), 'utf8')).toContain('console.log(text);');
  });

  test.each([
    [[], /needs a name: pass --name/],
    [['--json', '--output', '7'], /no node 7.*--output save/],
    [['--json', '--drop', 'steps'], /no option "steps".*image, width/],
    [['--json', '--rename', 'sigma'], /must be old=new/],
    [['--json', '--rename', 'sigma=a=b'], /must be old=new/],
    [['--json', '--rename', 'sigma=soft_url'], /Only files have names that end with _url/],
    [['--json', '--drop', 'image,width,height,blur_radius,sigma,x'], /no option "x". There is none/],
    [['--json', '--output', 'small'], /keeps nothing of node small \(ImageScale\)/],
    [['--json', '--rename', 'sigma=width'], /an option width already/],
    [['--json', '--rename', 'sigma=My Name'], /"My Name" is no name of an option/],
    [['--json', '--rename', 'sigma=api_key'], /Every task has an option api_key/],
    [['--json', '--add', 'soft.sigma'], /No input "soft.sigma" is fixed.*small.upscale_method/],
  ])('%j is refused', async (args, message) => {
    const { code, stderr } = await create(...args);
    expect([code, stderr]).toEqual([1, expect.stringMatching(message)]);
  });
});

describe('in a terminal', () => {
  /** Runs the command beside what a person types. */
  async function inTerminal(args: string[], person: (terminal: TestTerminal) => Promise<void>) {
    const terminal = new TestTerminal();
    const command = runHere(() => runHeurist(['workflow', 'create', 'My Graph.v2.json', ...args], { terminal }), {
      cwd,
    });
    // a command that ends early would leave the person waiting
    const [ended] = await Promise.all([command, Promise.race([person(terminal), command])]);
    return { ...(ended as Ended), shown: terminal.shown };
  }
  const NEXT = 'What next?';
  const down = (times: number) => Array.from({ length: times }, () => keys.down);

  test('what was found is shown, renamed, dropped, added and created under the name of the file', async () => {
    const { code, stdout, shown } = await inTerminal([], async (terminal) => {
      await terminal.answer(NEXT, ...down(2), keys.enter);
      await terminal.answer('Rename which option?', ...down(4), keys.enter);
      await terminal.answer('New name of sigma', 'softness', keys.enter);
      await terminal.until('softness');
      await terminal.answer(NEXT, ...down(3), keys.enter);
      await terminal.answer('Drop which options?', ...down(3), keys.space, keys.enter);
      await terminal.answer(NEXT, ...down(4), keys.enter);
      await terminal.answer('Which input?', 'crop');
      await terminal.answer('small.crop (ImageScale): "center"', keys.enter);
      await terminal.answer(NEXT, keys.enter);
      await terminal.answer('Name of the package', keys.enter);
    });
    expect([code, stdout]).toEqual([0, expect.stringContaining('softness           soft.sigma')]);
    expect(shown).toContain('image_url          load.image (LoadImage); required');
    const definition = definitionOf('my-graph');
    expect(definition).toContain("softness: 'soft.sigma'");
    expect(definition).toContain("crop: 'small.crop'");
    expect(definition).not.toContain("'soft.blur_radius': ");
    expect(definition).toContain("constants: ['small.upscale_method', 'soft.blur_radius']");
  });

  test('the outputs are chosen', async () => {
    const { code } = await inTerminal(['--name', 'seen'], async (terminal) => {
      await terminal.answer(NEXT, ...down(5), keys.enter);
      await terminal.answer('Which nodes make the result?', keys.space, keys.down, keys.space, keys.enter);
      await terminal.until('Makes image at look');
      await terminal.answer(NEXT, keys.enter);
    });
    expect(code).toBe(0);
    expect(definitionOf('seen')).toContain("outputs: ['look']");
  });

  test('leaving, or Ctrl-C, creates nothing', async () => {
    const before = readdirSync(cwd);
    const left = await inTerminal(['--name', 'never'], (terminal) => terminal.answer(NEXT, ...down(6), keys.enter));
    expect([left.code, left.stdout]).toEqual([0, 'Nothing was created.\n']);
    const stopped = await inTerminal(['--name', 'never'], (terminal) => terminal.answer(NEXT, keys.stop));
    expect([stopped.code, stopped.stderr]).toEqual([130, 'Canceled. Nothing was created.\n']);
    expect(readdirSync(cwd)).toEqual(before);
  });

  test('--yes asks nothing', async () => {
    const { code, shown } = await inTerminal(['--name', 'quick', '--yes'], async () => {});
    expect([code, shown]).toEqual([0, '']);
  });
});
