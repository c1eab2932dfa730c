// "Try it now" of `heurist workflow create`, and its `--try` for scripts, on a local network and on a ComfyUI.
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runHeurist } from '@heurist/cli';
import { createEngine } from '@heurist/engine';
import { runHere } from '@heurist/test-servers/commands';
import { prepareDataFolder } from '@heurist/test-servers/data-folder';
import { keys, TestTerminal } from '@heurist/test-servers/terminal';
import sharp from 'sharp';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startLocalNetwork } from '../src/index.ts';

const cwd = mkdtempSync(join(tmpdir(), 'try-'));
afterAll(() => rmSync(cwd, { recursive: true, force: true }));

const graph = {
  load: { class_type: 'LoadImage', inputs: { image: 'a.png' } },
  small: {
    class_type: 'ImageScale',
    inputs: { image: ['load', 0], upscale_method: 'lanczos', width: 96, height: 64, crop: 'center' },
  },
  save: { class_type: 'SaveImage', inputs: { images: ['small', 0], filename_prefix: 'x' } },
};
beforeAll(async () => {
  const picture = sharp({ create: { width: 20, height: 12, channels: 3, background: 'red' } });
  writeFileSync(join(cwd, 'photo.png'), await picture.png().toBuffer());
  writeFileSync(join(cwd, 'graph.json'), JSON.stringify(graph));
  const unknown = { ...graph, small: { class_type: 'Sparkle', inputs: { image: ['load', 0] } } };
  writeFileSync(join(cwd, 'unknown.json'), JSON.stringify(unknown));
  const film = { load: { class_type: 'LoadVideo', inputs: { file: 'a.mp4' } } };
  const copy = { ...film, save: { class_type: 'SaveVideo', inputs: { video: ['load', 0], filename_prefix: 'x' } } };
  writeFileSync(join(cwd, 'film.json'), JSON.stringify(copy));
});

let networks = 0;
const start: typeof startLocalNetwork = async (options) =>
  await startLocalNetwork({ ...options, dataDir: await prepareDataFolder(join(cwd, `data-${++networks}`)) });

/** Tries a graph once, and leaves. */
async function tryGraph(file: string, args: string[] = []) {
  const terminal = new TestTerminal();
  const all = ['workflow', 'create', file, '--name', 'x', ...args];
  const command = runHere(() => runHeurist(all, { startLocalNetwork: start, terminal }), { cwd });
  const person = async () => {
    await terminal.answer('What next?', keys.down, keys.enter);
    await terminal.answer('Path of image', 'photo.png', keys.enter);
    await terminal.answer('What next?', ...Array.from({ length: 6 }, () => keys.down), keys.enter);
  };
  const [ended] = await Promise.all([command, Promise.race([person(), command])]);
  return { ...ended, shown: terminal.shown };
}

/** As a script does: nobody is asked. */
const script = async (file: string, args: string[]) => {
  rmSync(join(cwd, 'scripted'), { recursive: true, force: true });
  const all = ['workflow', 'create', file, '--name', 'scripted', ...args];
  return await runHere(() => runHeurist(all, { startLocalNetwork: start }), { cwd });
};

async function sizeOf(stdout: string) {
  const [path = ''] = stdout.split('\n');
  const { width, height } = await sharp(readFileSync(join(cwd, path))).metadata();
  return { width, height };
}

test('on a local network, the result is saved', async () => {
  const { code, stdout } = await tryGraph('graph.json');
  expect(code).toBe(0);
  expect(await sizeOf(stdout.replaceAll(`${cwd}/`, ''))).toEqual({ width: 96, height: 64 });
  expect(readdirSync(cwd)).not.toContain('x');
});

test('what the engine lacks is said, and the plan stays', async () => {
  const { code, shown } = await tryGraph('unknown.json');
  expect([code, shown]).toEqual([0, expect.stringMatching(/cannot run on the CPU engine: pass --comfyui .*Sparkle/s)]);
});

test('on a ComfyUI, the result is saved', async () => {
  const engine = await createEngine({ dataDir: join(cwd, 'engine') });
  try {
    const { code, stdout } = await tryGraph('graph.json', ['--comfyui', engine.url]);
    expect(code).toBe(0);
    expect(await sizeOf(stdout.replaceAll(`${cwd}/`, ''))).toEqual({ width: 96, height: 64 });
  } finally {
    await engine.close();
  }
});

test('--try makes a picture of an example, or of a file, before the package is written', async () => {
  const engine = await createEngine({ dataDir: join(cwd, 'engine') });
  try {
    for (const input of [[], ['--try-input', 'image_url=photo.png']]) {
      const { code, stdout } = await script('graph.json', ['--try', '--comfyui', engine.url, ...input]);
      expect([code, await sizeOf(stdout)]).toEqual([0, { width: 96, height: 64 }]);
      expect(readdirSync(cwd)).toContain('scripted');
    }
  } finally {
    await engine.close();
  }
});

test.each<[string, string, string[], number, RegExp]>([
  ['that fails', 'unknown.json', [], 3, /^error: The try failed, and nothing was created\. .*pass --comfyui.*Sparkle/s],
  [
    'without a file that cannot be made',
    'film.json',
    [],
    1,
    /--try needs a video for \w+_url: pass --try-input \w+=PATH/,
  ],
  [
    'with a file for nothing',
    'graph.json',
    ['--try-input', 'mask=a.png'],
    1,
    /"mask" is not an option .* There are: image_url/,
  ],
  ['with half an input', 'graph.json', ['--try-input', 'image'], 1, /must be option=path, such as image=photo\.png/],
  ['that only prints', 'graph.json', ['--json'], 1, /--json only prints .*: leave out --try/],
])('--try %s: exit code, what to do, and nothing is created', async (_, file, args, code, message) => {
  const ended = await script(file, ['--try', ...args]);
  expect([ended.code, ended.stderr]).toEqual([code, expect.stringMatching(message)]);
  expect(readdirSync(cwd)).not.toContain('scripted');
});
