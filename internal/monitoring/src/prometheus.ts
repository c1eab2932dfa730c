// A real Prometheus with a port and a folder of its own. The one of the system, if it runs, is left alone.
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { sleep } from '@heurist/server-kit/sleep';
import { freePort } from '@heurist/test-servers/free-port';

const run = promisify(execFile);

/** Why tests that need Prometheus are skipped; empty if they are not. */
export async function whyNoPrometheus(): Promise<string> {
  const missing: string[] = [];
  for (const name of ['prometheus', 'promtool'])
    await run(name, ['--version']).catch(() => {
      missing.push(name);
    });
  return missing.length
    ? `skipped: ${missing.join(' and ')} is not installed (Debian: apt-get install prometheus)`
    : '';
}

/** Runs promtool. @throws if it finds anything wrong, with what it says */
export async function promtool(args: readonly string[], cwd: string, input = ''): Promise<string> {
  const running = run('promtool', [...args], { cwd });
  running.child.stdin?.end(input);
  const { stdout, stderr } = await running.catch(({ stdout, stderr }) => {
    throw new Error(`promtool ${args.join(' ')}:\n${stdout}${stderr}`);
  });
  return stdout + stderr;
}

/** A rule as it was evaluated. */
export interface Rule {
  name: string;
  query: string;
  health: string;
  state: string;
}

/** A line of an answer: its labels and its value. */
export interface Sample {
  metric: Record<string, string>;
  value: [time: number, value: string];
}

/** Starts one with a configuration, which may name files of its folder. */
export async function startPrometheus(config: string, files: Record<string, string>) {
  const folder = mkdtempSync(join(tmpdir(), 'prometheus-'));
  for (const [name, text] of Object.entries({ ...files, 'prometheus.yml': config }))
    writeFileSync(join(folder, name), text);
  const port = await freePort();
  const args = ['--config.file=prometheus.yml', `--storage.tsdb.path=${join(folder, 'data')}`];
  const child = spawn('prometheus', [...args, `--web.listen-address=127.0.0.1:${port}`], {
    cwd: folder,
    stdio: 'ignore',
  });
  const ended = once(child, 'exit');
  const ask = async (path: string, parameters: Record<string, string> = {}) => {
    const response = await fetch(`http://127.0.0.1:${port}${path}?${new URLSearchParams(parameters)}`);
    return (await response.json()) as { status: string; error?: string; data: unknown };
  };
  while (
    !(await fetch(`http://127.0.0.1:${port}/-/ready`).then(
      ({ ok }) => ok,
      () => false,
    ))
  ) {
    if (child.exitCode !== null) throw new Error('Prometheus ended: its configuration is not valid.');
    await sleep(100);
  }
  return {
    async query(query: string): Promise<Sample[]> {
      const { status, error, data } = await ask('/api/v1/query', { query });
      if (status !== 'success') throw new Error(`${query}: ${error}`);
      return (data as { result: Sample[] }).result;
    },
    async rules(): Promise<Rule[]> {
      const { data } = await ask('/api/v1/rules');
      const { groups } = data as { groups: { rules: Rule[] }[] };
      return groups.flatMap(({ rules }) => rules);
    },
    async stop() {
      child.kill('SIGTERM');
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
