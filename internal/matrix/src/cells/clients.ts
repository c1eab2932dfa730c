// The client, the drop-in and the test kit, where there is a disk.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build } from 'esbuild';
import { type Cell, type Stage, settings } from '../cell.ts';
import { runProgram } from '../processes.ts';
import { installRuntime, type RuntimeName } from '../runtimes.ts';
import { withFollowedTask } from './followed-task.ts';

const DOES =
  'uploads, submits, follows, waits, downloads, cancels, with a key and with a session; drop-in and test kit';

/** How each runtime is told to run a program. */
const COMMANDS: { on: RuntimeName; args: readonly string[]; does: string; program: 'client.ts' | 'client.cjs' }[] = [
  { on: 'Node 22', args: [], program: 'client.ts', does: `ES module: ${DOES}` },
  { on: 'Node 22', args: [], program: 'client.cjs', does: 'CommonJS: the same' },
  { on: 'Node 24', args: [], program: 'client.ts', does: `ES module: ${DOES}` },
  { on: 'Node 24', args: [], program: 'client.cjs', does: 'CommonJS: the same' },
  { on: 'Bun 1.4', args: ['run'], program: 'client.ts', does: `ES module: ${DOES}` },
  { on: 'Bun 1.4', args: ['run'], program: 'client.cjs', does: 'CommonJS: the same' },
  { on: 'Deno 2.9', args: ['run', '--allow-all'], program: 'client.ts', does: `ES module: ${DOES}` },
  { on: 'Deno 2.9', args: ['run', '--allow-all'], program: 'client.cjs', does: 'CommonJS: the same' },
];

export const clients: readonly Cell[] = COMMANDS.map(({ on, args, program, does }) => ({
  where: on,
  does,
  async run(stage) {
    const path = await installRuntime(stage, on);
    await prepare(stage);
    await withFollowedTask(async (env) => {
      const printed = await runProgram(path, [...args, program], {
        cwd: stage.app,
        env: { ...settings(stage), ...env },
      });
      if (!printed.endsWith('done\n')) throw new Error(`${program} ended too soon:\n${printed}`);
    });
  },
}));

const prepared = new WeakMap<Stage, Promise<void>>();

/** Writes the program as CommonJS, and a picture. */
function prepare(stage: Stage): Promise<void> {
  const known = prepared.get(stage);
  if (known) return known;
  const writing = writeFiles(stage.app);
  prepared.set(stage, writing);
  return writing;
}

async function writeFiles(app: string): Promise<void> {
  const { PNG } = await import('../../programs/use-network.ts');
  writeFileSync(join(app, 'photo.png'), PNG);
  // as one who writes CommonJS: a default import is `default` of what was required
  writeFileSync(join(app, 'client.cts'), readFileSync(join(app, 'client.ts')));
  await build({
    entryPoints: [join(app, 'client.cts')],
    outfile: join(app, 'client.cjs'),
    bundle: true,
    packages: 'external',
    platform: 'node',
    format: 'cjs',
    logLevel: 'error',
  });
}
