// An app that is bundled for browsers, in a real one.
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { Heurist } from '@heurist/core';
import { listen } from '@heurist/server-kit/listen';
import { launchBrowser } from '@heurist/test-servers/browser';
import { type Cell, type Stage, Unavailable } from '../cell.ts';
import { runProgram } from '../processes.ts';

const VITE = 'vite@8.3.8';

/** What the page has for the cell. */
interface AppPage {
  use(settings: object): Promise<string>;
}
declare const appPage: AppPage;

export const pages: readonly Cell[] = [
  {
    where: 'Vite 8, Chromium',
    does: 'a page with a session uploads, submits, follows, waits, downloads and cancels at the sequencer',
    async run(stage) {
      const folder = await buildPage(stage);
      const browser = await launchBrowser();
      if (!browser) throw new Unavailable('There is no Chromium on this machine: set CHROMIUM_PATH.');
      await using server = await servePage(join(folder, 'dist'), stage.pagePort);
      try {
        const page = await browser.newPage();
        await page.goto(server.url);
        await page.waitForFunction(() => 'appPage' in globalThis);
        const { url: workflowURL, apiKey } = stage.network;
        const asked = { task_types: ['upscaler'], user_id: 'browser' };
        const { session_token } = await new Heurist({ workflowURL, apiKey }).workflow.createSession(asked);
        const options = { workflowURL, apiKey: session_token };
        const said = await page.evaluate((given) => appPage.use(given), options);
        if (said !== 'done') throw new Error(said);
      } finally {
        await browser.close();
      }
    },
  },
];

async function buildPage(stage: Stage): Promise<string> {
  const cwd = await stage.install([VITE], { withOurs: true });
  writeFileSync(
    join(cwd, 'index.html'),
    '<!doctype html><title>app</title><script type="module" src="/browser.ts"></script>',
  );
  await runProgram(process.execPath, ['node_modules/vite/bin/vite.js', 'build', '--logLevel', 'warn'], { cwd });
  return cwd;
}

const TYPES: Record<string, string> = { js: 'text/javascript', html: 'text/html' };

async function servePage(folder: string, port: number): Promise<AsyncDisposable & { url: string }> {
  const server = createServer(({ url = '/' }, response) => {
    const name = url === '/' ? '/index.html' : url;
    const type = TYPES[name.split('.').at(-1) ?? ''];
    if (!type) return void response.writeHead(404).end();
    response.writeHead(200, { 'content-type': type }).end(readFileSync(join(folder, name)));
  });
  const url = await listen(server, port, '127.0.0.1');
  return {
    url,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
