// A real `next build` and `next start`: route handlers on Node and at the edge.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Cell, type Stage, settings } from '../cell.ts';
import { freePort, type Running, runProgram, serve } from '../processes.ts';
import { withFollowedTask } from './followed-task.ts';
import { expectDone, PAGE, usePage } from './page.ts';

const NEXT = [
  'next@16.4.6',
  'react@19.3.1',
  'react-dom@19.3.1',
  'typescript@5.9.3',
  '@types/react@19',
  '@types/node@22',
];
const NAME = `Next ${NEXT[0]!.replace(/^.*@(\d+).*$/, '$1')}`;
const QUIET = { NEXT_TELEMETRY_DISABLED: '1' };

const LAYOUT = `import type { ReactNode } from 'react';
export default function Layout({ children }: { children: ReactNode }) {
  return <html lang="en"><body>{children}</body></html>;
}
`;
const CONFIG = {
  compilerOptions: {
    target: 'es2022',
    lib: ['dom', 'dom.iterable', 'es2022'],
    module: 'esnext',
    moduleResolution: 'bundler',
    jsx: 'react-jsx',
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    esModuleInterop: true,
    isolatedModules: true,
    resolveJsonModule: true,
    allowImportingTsExtensions: true,
    incremental: true,
    plugins: [{ name: 'next' }],
  },
  include: ['next-env.d.ts', 'app', '.next/types/**/*.ts'],
};

const built = new WeakMap<Stage, Promise<string>>();

/** Builds the app once. Returns its folder. */
function buildApp(stage: Stage): Promise<string> {
  const known = built.get(stage);
  if (known) return known;
  const building = build(stage);
  built.set(stage, building);
  return building;
}

async function build(stage: Stage): Promise<string> {
  const cwd = await stage.install(NEXT, { withOurs: true });
  writeFileSync(join(cwd, 'app/layout.tsx'), LAYOUT);
  writeFileSync(join(cwd, 'app/page.tsx'), 'export default () => <p>ready</p>;\n');
  writeFileSync(join(cwd, 'tsconfig.json'), JSON.stringify(CONFIG));
  await runProgram(process.execPath, ['node_modules/next/dist/bin/next', 'build'], { cwd, env: QUIET });
  return cwd;
}

async function start(stage: Stage, env: object = {}): Promise<Running & { url: string }> {
  const cwd = await buildApp(stage);
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const args = ['node_modules/next/dist/bin/next', 'start', '--port', `${port}`, '--hostname', '127.0.0.1'];
  const running = await serve(process.execPath, args, { cwd, url, env: { ...settings(stage), ...QUIET, ...env } });
  return { ...running, url };
}

const ROUTES = [
  { where: `${NAME}, Node`, folder: 'heurist' },
  { where: `${NAME}, edge`, folder: 'edge' },
];

export const next: readonly Cell[] = ROUTES.flatMap(({ where, folder }): Cell[] => [
  {
    where,
    does: `route handler: ${PAGE}`,
    async run(stage) {
      await using server = await start(stage);
      await usePage(stage, `${server.url}/api/${folder}`);
    },
  },
  {
    where,
    does: 'a route uploads, submits, follows, waits, downloads and cancels, with a key and with a session',
    run: (stage) =>
      withFollowedTask(async (env) => {
        await using server = await start(stage, env);
        await expectDone(`${server.url}/api/client-${folder}`);
      }),
  },
]);
