// Cloudflare's runtime, as it is: workerd with a bundle of one file, as its tools make it.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { type Cell, type Stage, settings } from '../cell.ts';
import { freePort, type Running, serve } from '../processes.ts';
import { installRuntime } from '../runtimes.ts';
import { withFollowedTask } from './followed-task.ts';
import { expectDone } from './page.ts';

interface Worker {
  /** A program of the app. */
  program: string;
  flags: readonly string[];
  /** Settings beside those of the network. */
  env?: object;
}

/** Starts a Worker. */
export async function startWorker(
  stage: Stage,
  { program, flags, env = {} }: Worker,
): Promise<Running & { url: string }> {
  const workerd = await installRuntime(stage, 'workerd');
  const port = await freePort();
  const folder = join(stage.app, `worker-${port}`);
  mkdirSync(folder);
  await build({
    entryPoints: [join(stage.app, program)],
    outfile: join(folder, 'worker.js'),
    bundle: true,
    format: 'esm',
    target: 'es2022',
    conditions: ['workerd', 'worker', 'browser'],
    external: ['node:*'],
    logLevel: 'error',
  });
  const bindings = { ...settings(stage), ...env };
  writeFileSync(join(folder, 'config.capnp'), configOf(port, flags, bindings));
  const url = `http://127.0.0.1:${port}`;
  const running = await serve(workerd, ['serve', 'config.capnp'], { cwd: folder, url });
  return { ...running, url };
}

const quoted = (text: string) => JSON.stringify(text);

/** The network of this machine is private: a Worker on Cloudflare's has only the public one. */
const configOf = (port: number, flags: readonly string[], bindings: Record<string, string>) => `
using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "app", worker = .app),
    (name = "internet", network = (allow = ["public", "private"])),
  ],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "app")],
);
const app :Workerd.Worker = (
  modules = [(name = "worker.js", esModule = embed "worker.js")],
  compatibilityDate = "2025-09-01",
  compatibilityFlags = [${flags.map(quoted).join(', ')}],
  bindings = [${Object.entries(bindings)
    .map(([name, text]) => `(name = ${quoted(name)}, text = ${quoted(text)})`)
    .join(', ')}],
);
`;

export const workers: readonly Cell[] = [
  {
    where: 'workerd',
    does: 'a Worker uploads, submits, follows, waits, downloads and cancels, with a key and with a session',
    run: (stage) =>
      withFollowedTask(async (env) => {
        await using worker = await startWorker(stage, { program: 'client-worker.ts', flags: [], env });
        await expectDone(`${worker.url}/use`);
      }),
  },
];
