// "Your workflow", as a visitor uses it who brings a file: a real browser, and a server whose network is away.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { launchBrowser } from '@heurist/test-servers/browser';
import { savedPath } from '@heurist/test-servers/recordings';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type DemoServer, startServer } from '../server/start-server.ts';
import { NO_CHOICES } from '../src/own-workflow/choices.ts';
import { findOptions, openFile } from '../src/own-workflow/finder.ts';
import { buildPage } from './build-page.ts';
import { checkLooks } from './check-looks.ts';
import { hostileGraph, largeGraph, read, softGlow } from './own-workflow-files.ts';
import { Visitor } from './visitor.ts';

const browser: Browser | undefined = await launchBrowser();
const webDir = mkdtempSync(join(tmpdir(), 'own-'));
let server: DemoServer;
beforeAll(async () => {
  if (!browser) return;
  await buildPage(webDir);
  server = await startServer({ workflowURL: 'http://127.0.0.1:9', apiKey: 'local#key', webDir });
}, 120_000);
afterAll(async () => {
  await browser?.close();
  await server?.close();
  rmSync(webDir, { recursive: true });
});

function visit(name: string, run: (visitor: Visitor, page: Page) => Promise<void>): void {
  test(name, async () => {
    const visitor = await Visitor.arrive(browser!);
    try {
      await visitor.open(`${server.url}/your-workflow`);
      await run(visitor, visitor.page);
    } finally {
      await visitor.leave();
    }
    expect(visitor.complaints).toEqual([]);
  }, 120_000);
}

const json = (value: unknown) => Buffer.from(JSON.stringify(value));
const section = (page: Page, name: string) => page.getByRole('region', { name, exact: true });

/** Saves a file that the page gives. */
async function saved(page: Page, button: string): Promise<string> {
  const [file] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: button, exact: true }).click(),
  ]);
  return readFileSync(await file.path(), 'utf8');
}

describe.skipIf(!browser)('a file is read', () => {
  visit('of the editor: its options, its commands, and both as files; nothing of it is sent', async (visitor, page) => {
    const sent: string[] = [];
    page.on('request', (request) => request.method() !== 'GET' && sent.push(request.url()));
    // by the page's own rules, such as code from texts
    const refused = await page.evaluateHandle(() => {
      const found: string[] = [];
      document.addEventListener('securitypolicyviolation', ({ blockedURI }) => found.push(blockedURI));
      return found;
    });
    await visitor.upload('soft-glow.json', readFileSync(softGlow), 'application/json');
    await page.getByText('soft-glow.json: 5 nodes', { exact: false }).waitFor();
    const options = section(page, 'Options');
    await options.getByText('image_url', { exact: true }).waitFor();
    await options.getByText('required', { exact: true }).waitFor();
    await options.getByText('sets 1.image of LoadImage “Your photo”').waitFor();
    const steps = section(page, 'Make it a package');
    expect(await steps.locator('pre').first().textContent()).toContain(
      'workflow create soft-glow.json --name soft-glow --yes\ncd soft-glow && ',
    );
    const { plan } = findOptions(await openFile(read(softGlow), 'soft-glow.json'), NO_CHOICES);
    expect(JSON.parse(await saved(page, 'What was found, as JSON'))).toEqual(JSON.parse(JSON.stringify(plan)));
    expect(JSON.parse(await saved(page, 'Graph in API format'))['1']).toMatchObject({ class_type: 'LoadImage' });
    expect(sent).toEqual([]);
    expect(await refused.jsonValue()).toEqual([]);
    await checkLooks(visitor, 'your-workflow-found');
    await visitor.shoot('your-workflow-whole', true);
  });

  visit('in API format, dropped anywhere on the page: names in it stay text', async (visitor, page) => {
    const dropped = await page.evaluateHandle((text) => {
      const data = new DataTransfer();
      data.items.add(new File([text], '<i>flow.json', { type: 'application/json' }));
      return data;
    }, JSON.stringify(hostileGraph));
    await page.locator('h1').dispatchEvent('drop', { dataTransfer: dropped });
    await page.getByText('<i>flow.json: 6 nodes', { exact: false }).waitFor();
    await page.getByText('“<b onmouseover="throw Error(3)">Title</b>”').waitFor();
    await page.getByText('models/checkpoints/<img src=x onerror="throw Error(1)">.safetensors').waitFor();
    await visitor.shoot('your-workflow-names', true);
    expect(await page.locator('main :is(b, i, img, script)').count()).toBe(0);
    expect(await visitor.violations()).toEqual([]);
  });

  visit('a PNG that ComfyUI saved', async (visitor, page) => {
    await visitor.upload('made.png', readFileSync(savedPath('comfyui.png')));
    await section(page, 'Options').getByText('audio_url', { exact: true }).waitFor();
    await section(page, 'Outputs')
      .getByRole('checkbox', { name: /^SaveImage / })
      .waitFor();
  });

  visit('pasted as text, into the page or its field', async (visitor, page) => {
    await page.evaluate((text) => {
      const clipboardData = new DataTransfer();
      clipboardData.setData('text/plain', text);
      document.body.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }));
    }, JSON.stringify(hostileGraph));
    await page.getByText('pasted.json: 6 nodes', { exact: false }).waitFor();
    expect(JSON.parse(await saved(page, 'Save what was pasted'))).toEqual(hostileGraph);
    await page.getByText('Paste its text instead').click();
    await visitor.field('JSON of the workflow').fill(readFileSync(softGlow, 'utf8'));
    await visitor.button('Read it').click();
    await page.getByText('pasted.json: 5 nodes', { exact: false }).waitFor();
  });

  visit('with 5,000 nodes: what is in the page stays small', async (visitor, page) => {
    await visitor.upload('large.json', json(largeGraph(5000)), 'application/json');
    await page.getByText('large.json: 5,000 nodes', { exact: false }).waitFor();
    expect(await page.evaluate(() => document.querySelectorAll('main *').length)).toBeLessThan(5000);
  });

  visit('what finds options is loaded with the first file, and not before', async (visitor, page) => {
    const scripts: string[] = [];
    page.on('response', (response) => response.url().endsWith('.js') && scripts.push(response.url()));
    await visitor.upload('soft-glow.json', readFileSync(softGlow), 'application/json');
    await section(page, 'Make it a package').waitFor();
    expect(scripts.map((url) => /\/([a-z-]+)-[\w-]{8}\.js$/.exec(url)?.[1])).toEqual(
      expect.arrayContaining(['finder', 'recorded-shapes']),
    );
    const bytes = scripts.map((url) => gzipSync(readFileSync(join(webDir, new URL(url).pathname))).length);
    expect(bytes.reduce((sum, one) => sum + one, 0)).toBeLessThan(200_000);
  });
});

describe.skipIf(!browser)('a file is refused', () => {
  visit('broken: what it is, and how to get another', async (visitor, page) => {
    await visitor.upload('broken.json', Buffer.from('{"1": {'), 'application/json');
    const alert = page.getByRole('alert');
    await alert.getByText(/^"broken\.json" is neither JSON .*Export \(API\)/).waitFor();
    expect(await visitor.violations()).toEqual([]);
    await visitor.shoot('your-workflow-refused');
    // the page goes on
    await visitor.upload('soft-glow.json', readFileSync(softGlow), 'application/json');
    await section(page, 'Make it a package').waitFor();
    expect(await alert.count()).toBe(0);
  });

  visit('huge: before it is read', async (_, page) => {
    await page.evaluate(() => {
      const part = new Uint8Array(1_000_000);
      const data = new DataTransfer();
      data.items.add(new File(Array(251).fill(part), 'huge.safetensors'));
      document.querySelector('h1')!.dispatchEvent(new DragEvent('drop', { dataTransfer: data, bubbles: true }));
    });
    await page.getByText('"huge.safetensors" has 251.0 MB; this page reads files of up to 250.0 MB.').waitFor();
  });

  visit('with custom nodes: which, and the command that asks a ComfyUI', async (visitor, page) => {
    const node = { id: 7, type: 'OddSampler', outputs: [{ name: 'IMAGE', links: [1] }], widgets_values: [1] };
    const save = { id: 8, type: 'SaveImage', inputs: [{ name: 'images', link: 1 }], widgets_values: ['x'] };
    await visitor.upload('custom.json', json({ nodes: [node, save], links: [[1, 7, 0, 8, 0, 'IMAGE']] }));
    await page.getByRole('alert').getByText('OddSampler (node 7)').waitFor();
    expect(await page.locator('pre').textContent()).toBe(
      'npx --yes @heurist/cli workflow create custom.json --comfyui http://127.0.0.1:8188',
    );
  });

  visit('without a known output: one of its last nodes can be chosen', async (visitor, page) => {
    const graph = {
      '1': { class_type: 'LoadImage', inputs: { image: 'a.png' } },
      '2': { class_type: 'OddEnd', inputs: { pixels: ['1', 0] } },
    };
    await visitor.upload('end.json', json(graph), 'application/json');
    await page.getByText('The graph has no output node that is known.', { exact: false }).waitFor();
    await visitor.button('OddEnd, node 2').click();
    await section(page, 'Options').getByText('image_url').waitFor();
    expect(await section(page, 'Make it a package').locator('pre').first().textContent()).toContain(' --output 2 ');
  });
});

describe.skipIf(!browser)('options are changed', () => {
  visit('by keyboard: a new name, a drop and its return, an input that becomes an option', async (visitor, page) => {
    await visitor.upload('soft-glow.json', readFileSync(softGlow), 'application/json');
    const command = section(page, 'Make it a package').locator('pre').first();
    await visitor.button('Rename blur_radius').press('Enter');
    const name = visitor.field('New name of blur_radius');
    await name.fill('Softness');
    await name.press('Enter');
    await page.getByRole('alert').getByText('"Softness" is no name of an option.', { exact: false }).waitFor();
    expect(await visitor.violations()).toEqual([]);
    await name.fill('softness');
    await name.press('Enter');
    const rename = visitor.button('Rename softness');
    await rename.waitFor();
    await expect.poll(() => rename.evaluate((element) => element === document.activeElement)).toBe(true);
    await visitor.button('Drop width').press('Enter');
    await visitor.button('Put back width').waitFor();
    await page.getByText(/inputs keep the graph’s value$/).click();
    await visitor.button('Make it an option: 2.crop').press('Enter');
    await visitor.button('Drop crop').waitFor();
    expect(await command.textContent()).toContain(
      'workflow create soft-glow.json --name soft-glow --drop width --rename blur_radius=softness --add 2.crop --yes',
    );
    await visitor.field('Name of the package').fill('My Card');
    await page.getByText('"My Card" is not a valid package name.', { exact: false }).waitFor();
    expect(await command.count()).toBe(0);
    await visitor.field('Name of the package').fill('card');
    await visitor.button('Put back width').press('Enter');
    expect(await command.textContent()).toContain('--name card --rename blur_radius=softness --add 2.crop --yes');
    await checkLooks(visitor, 'your-workflow-changed');
  });

  visit('other outputs: the options are found anew', async (visitor, page) => {
    const graph = {
      ...hostileGraph,
      '9': { class_type: 'SaveImage', inputs: { images: ['8', 0], filename_prefix: 'y' } },
    };
    const more = { ...graph, '8': { class_type: 'LoadImage', inputs: { image: 'a.png' } } };
    await visitor.upload('two.json', json(more), 'application/json');
    const outputs = section(page, 'Outputs');
    await outputs.getByRole('checkbox', { name: /node 6/ }).uncheck();
    await page.getByText('two.json: 8 nodes, 1 option.').waitFor();
    expect(await outputs.getByRole('checkbox', { name: /node 9/ }).isDisabled()).toBe(true);
  });
});
