import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type MinerReport, serveStatus } from '@heurist/miner';
import { createFolderStore, createSequencer, openDatabase } from '@heurist/sequencer';
import { prepareDataFolder } from '@heurist/test-servers/data-folder';
import { paint } from '@heurist/test-servers/workflows';

/** A metric as its server describes it. */
export interface Metric {
  name: string;
  type: string;
  help: string;
  of: 'sequencer' | 'miner';
}

/** Everything that a sequencer and a miner export. */
export async function readMetrics(): Promise<Metric[]> {
  return [...describe(await scrapeSequencer(), 'sequencer'), ...describe(await scrapeMiner(), 'miner')];
}

function describe(text: string, of: Metric['of']): Metric[] {
  const types = new Map([...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name = '', type = '']) => [name, type]));
  return [...text.matchAll(/^# HELP (\S+) (.+)$/gm)].map(([, name = '', help = '']) => ({
    name,
    type: types.get(name) ?? '',
    help,
    of,
  }));
}

/** What a sequencer says that has just started. */
export async function scrapeSequencer(): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'metrics-'));
  const sequencer = await createSequencer({
    database: await openDatabase(await prepareDataFolder(join(folder, 'database'))),
    artifacts: createFolderStore(join(folder, 'artifacts')),
    workflows: [paint],
  });
  try {
    const authorization = `Bearer ${await sequencer.createKey('operator', 'prometheus')}`;
    return await (await sequencer.app.request('/metrics', { headers: { authorization } })).text();
  } finally {
    await sequencer.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

const REPORT: MinerReport = {
  comfyui: 'http://127.0.0.1:8188',
  state: 'idle',
  offers: ['paint'],
  running: 0,
  delivering: 0,
  finished: 0,
  failed: {},
  lost: 0,
  run_seconds: 0,
  load_seconds: 0,
  model_switches: 0,
  model_load_seconds: 0,
  models: [],
  upload_seconds: 0,
  input_bytes: 0,
  output_bytes: 0,
  claims: 0,
  restarts: 0,
};

/** What a miner says that has just started. */
export async function scrapeMiner(): Promise<string> {
  const server = await serveStatus(() => [REPORT], { port: 0 });
  try {
    return await (await fetch(`${server.url}/metrics`)).text();
  } finally {
    await server.close();
  }
}
