import { spawn } from 'node:child_process';
import { expect, onTestFinished, test } from 'vitest';
import { parseStat, readUsage } from '../support/sizes/usage.ts';

const isLinux = process.platform === 'linux';

test.runIf(isLinux)('what a process takes includes its children', async () => {
  const program =
    'const kept = Buffer.alloc(2e8, 1); while (process.cpuUsage().user < 3e5); setInterval(() => kept, 1e3)';
  // the shell itself takes next to nothing
  const shell = spawn('sh', ['-c', '"$NODE" --eval "$PROGRAM" & echo $!; wait'], {
    env: { ...process.env, NODE: process.execPath, PROGRAM: program, NODE_OPTIONS: '' },
  });
  const child = await new Promise<number>((resolve) => shell.stdout.once('data', (data) => resolve(Number(data))));
  onTestFinished(() => void process.kill(child));
  await expect.poll(() => readUsage(shell.pid!).cpu, { timeout: 20_000 }).toBeGreaterThan(0.25);
  expect(readUsage(shell.pid!).memory).toBeGreaterThan(2e8);
});

test.runIf(isLinux)('the name of a process may hold brackets and blanks', () => {
  const stat = '12 (a) b) c) S 7 12 12 0 -1 4194304 101 0 0 0 100 50 30 20 20 0 1 0 5133065';
  expect(parseStat(stat)).toEqual({ parent: 7, cpu: 2 });
});
