// The examples of `@heurist/server`, each on its runtime, and a page that uses them.
import { type Cell, settings } from '../cell.ts';
import { freePort, serve } from '../processes.ts';
import { installRuntime, type RuntimeName } from '../runtimes.ts';
import { PAGE, usePage } from './page.ts';
import { startWorker } from './workers.ts';

const FRAMEWORKS = ['hono@4.13.19', '@hono/node-server@2.1.8', 'express@5.3.0'];

interface Server {
  where: string;
  on: RuntimeName;
  /** The command line after the runtime. The port is in `PORT`, too. */
  args: (port: number) => readonly string[];
  needs?: readonly string[];
}

const SERVERS: readonly Server[] = [
  { where: 'Node 24, Hono', on: 'Node 24', args: () => ['hono.ts'], needs: FRAMEWORKS },
  { where: 'Node 24, Express', on: 'Node 24', args: () => ['express.ts'], needs: FRAMEWORKS },
  { where: 'Node 22, `node:http`', on: 'Node 22', args: () => ['node-http.ts'] },
  { where: 'Bun 1.4, `Bun.serve`', on: 'Bun 1.4', args: () => ['run', 'fetch.ts'] },
  {
    where: 'Deno 2.9, `deno serve`',
    on: 'Deno 2.9',
    args: (port) => ['serve', '--allow-env', '--allow-net', '--port', `${port}`, 'fetch.ts'],
  },
];

export const servers: readonly Cell[] = [
  ...SERVERS.map(
    ({ where, on, args, needs }): Cell => ({
      where,
      does: PAGE,
      async run(stage) {
        const path = await installRuntime(stage, on);
        const cwd = needs ? await stage.install(needs, { withOurs: true }) : stage.app;
        const port = await freePort();
        const url = `http://127.0.0.1:${port}`;
        const env = { ...settings(stage), PORT: `${port}` };
        await using server = await serve(path, args(port), { cwd, env, url });
        await usePage(stage, `${url}/api/heurist`).catch((error) => {
          throw new Error(`${error.message}\nThe server printed:\n${server.printed()}`);
        });
      },
    }),
  ),
  {
    where: 'workerd, with `nodejs_compat`',
    does: PAGE,
    async run(stage) {
      await using worker = await startWorker(stage, { program: 'fetch.ts', flags: ['nodejs_compat'] });
      await usePage(stage, `${worker.url}/api/heurist`);
    },
  },
  {
    where: 'workerd, without flags',
    does: PAGE,
    async run(stage) {
      await using worker = await startWorker(stage, { program: 'worker.ts', flags: [] });
      await usePage(stage, `${worker.url}/api/heurist`);
    },
  },
];
