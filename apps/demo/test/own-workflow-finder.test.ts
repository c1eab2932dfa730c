// What the page shows of a file is what `workflow create --json` prints, and the commands that it shows do the same.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runHeurist } from '@heurist/cli';
import { runHere } from '@heurist/test-servers/commands';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Choices, NO_CHOICES } from '../src/own-workflow/choices.ts';
import { packageCommands } from '../src/own-workflow/commands.ts';
import { findOptions, openFile } from '../src/own-workflow/finder.ts';
import { hostileGraph, largeGraph, read, realFiles, softGlow } from './own-workflow-files.ts';

const cwd = mkdtempSync(join(tmpdir(), 'own-workflow-'));
afterAll(() => rmSync(cwd, { recursive: true, force: true }));

/** What the page has, or why it refuses the file. */
async function pageSays(path: string, choices: Choices = NO_CHOICES): Promise<unknown> {
  try {
    return JSON.parse(JSON.stringify(findOptions(await openFile(read(path), path), choices).plan));
  } catch (error) {
    return (error as Error).message;
  }
}

/** The same of the command. */
async function commandSays(args: readonly string[]): Promise<unknown> {
  const { code, stdout, stderr } = await runHere(() => runHeurist(['workflow', 'create', ...args, '--json']), { cwd });
  return code === 0 ? JSON.parse(stdout) : stderr.replace(/^error: /, '').trimEnd();
}

describe('what the page has of a file is what the command prints', () => {
  test.each(realFiles)('%s', async (_, path) => {
    expect(await pageSays(path)).toEqual(await commandSays([path]));
  });

  test.each<[what: string, content: unknown]>([
    ['no JSON', '{"a": '],
    ['nothing', ''],
    ['no graph', { a: 1 }],
    ['two graphs', { a: hostileGraph, b: { '1': hostileGraph[1] } }],
    ['no output', { '1': { class_type: 'X', inputs: {} } }],
    ['a link to nowhere', { '1': { class_type: 'SaveImage', inputs: { images: ['7', 0] } } }],
    ['names that try to be HTML', hostileGraph],
    ['a wrapped graph', { input: { workflow: hostileGraph } }],
    ['nodes that are not known', { nodes: [{ id: 1, type: 'X', outputs: [{ links: [1] }] }], links: [] }],
  ])('%s', async (_, content) => {
    const path = join(cwd, 'odd.json');
    writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
    const said = await commandSays([path]);
    expect(said).toBeTruthy();
    expect(await pageSays(path)).toEqual(said);
  });
});

describe('the commands do what the page shows', () => {
  const file = join(cwd, "it's mine $HOME.json");
  beforeAll(() => writeFileSync(file, read(softGlow)));

  test('drops, names and inputs that became options', async () => {
    const choices: Choices = {
      dropped: ['height'],
      renamed: { blur_radius: 'softness', image: 'photo' },
      added: [{ place: '2.crop' }, { place: '2.upscale_method', name: 'method' }],
    };
    const [create] = packageCommands({ file, name: 'mine', choices }).split('\n');
    const line = create!.replace('npx --yes @heurist/cli workflow create', '').replace(/ --yes$/, '');
    const words = execFileSync('sh', ['-c', `printf '%s\\0' ${line}`], { encoding: 'utf8' });
    const said = await commandSays(words.split('\0').slice(0, -1));
    expect(said).toMatchObject({ options: expect.arrayContaining([expect.objectContaining({ name: 'softness' })]) });
    expect(await pageSays(file, choices)).toEqual(said);
  });

  test('a change that cannot be made says why, as the command does', async () => {
    const choices = { ...NO_CHOICES, renamed: { image: 'Photo!' } };
    expect(await pageSays(file, choices)).toEqual(await commandSays([file, '--rename', 'image=Photo!']));
  });
});

test('a graph of 10,000 nodes is read and planned within seconds', async () => {
  const bytes = new TextEncoder().encode(JSON.stringify(largeGraph(10_000)));
  const began = performance.now();
  const { plan } = findOptions(await openFile(bytes, 'large.json'), NO_CHOICES);
  expect(plan.options.filter(({ kind }) => kind === 'file')).toHaveLength(5000);
  expect(performance.now() - began).toBeLessThan(10_000);
});

test('what is shown of a name is one bounded line without marks that turn text', async () => {
  const long = { ...hostileGraph, '2': { ...hostileGraph[2], _meta: { title: `\u202e${'x'.repeat(5000)}` } } };
  const bytes = new TextEncoder().encode(JSON.stringify(long));
  const { options } = findOptions(await openFile(bytes, 'long.json'), NO_CHOICES);
  const prompt = options.find(({ name }) => name === 'prompt')!;
  expect(prompt.value).toBe('<script>throw Error(2)</script> gnp.exe');
  expect(prompt.places[0]!.title).toMatch(/^x{90,100}…$/);
});
