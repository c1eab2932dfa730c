// With Debian's Prometheus: the rules and their tests by promtool, and all that alerts and panels ask of a Prometheus that scrapes two
// replicas on one PostgreSQL while tasks run.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Heurist, WorkflowTask } from '@heurist/core';
import { createEngine } from '@heurist/engine';
import { createMiner, serveStatus } from '@heurist/miner';
import { createFolderStore, createSequencer, openDatabase } from '@heurist/sequencer';
import { listen } from '@heurist/server-kit/listen';
import { startPostgres } from '@heurist/test-servers/postgres';
import { paint } from '@heurist/test-servers/workflows';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { dashboard } from '../src/dashboard.ts';
import { expressionsOf } from '../src/expressions.ts';
import { promtool, startPrometheus, whyNoPrometheus } from '../src/prometheus.ts';
import { scrapeMiner, scrapeSequencer } from '../src/read-metrics.ts';

const rules = join(import.meta.dirname, '../../../deploy/prometheus');
const why = await whyNoPrometheus();

describe.skipIf(why)(`promtool ${why}`, () => {
  test('the rules are valid, and fire when they should and not before', async () => {
    expect(await promtool(['check', 'rules', 'alerts.yml'], rules)).toContain('SUCCESS');
    expect(await promtool(['test', 'rules', 'alerts.test.yml'], rules)).toContain('SUCCESS');
  });

  test('every alert is tested, both ways', () => {
    const names = readFileSync(join(rules, 'alerts.yml'), 'utf8').match(/(?<=- alert: )\w+/g) ?? [];
    const tests = readFileSync(join(rules, 'alerts.test.yml'), 'utf8');
    expect(names.length).toBeGreaterThan(9);
    for (const name of names) {
      expect(tests).toMatch(new RegExp(`alertname: ${name}\\n +eval_time: .+\\n +exp_alerts:\\n +- exp_labels`));
      expect(tests).toMatch(new RegExp(`alertname: ${name}, eval_time: .+exp_alerts: \\[\\]`));
    }
  });

  test('the configuration is valid', async () => {
    expect(await promtool(['check', 'config', '--syntax-only', 'prometheus.yml'], rules)).toContain('SUCCESS');
  });

  test('names and units are as Prometheus has them', async () => {
    expect(await promtool(['check', 'metrics'], rules, await scrapeMiner())).toBe('');
    const text = await scrapeSequencer();
    // older than this rule: a gauge with the label of a summary
    const others = text.replaceAll(/^.*heurist_queue_seconds\b.*\n/gm, '');
    expect(await promtool(['check', 'metrics'], rules, others)).toBe('');
  });
});

class PaintTask extends WorkflowTask {
  readonly task_type = 'paint';
  readonly #parameters: object;

  constructor(parameters: object) {
    super();
    this.#parameters = parameters;
  }

  get task_details() {
    return { parameters: this.#parameters };
  }
}

/** What returns nothing in a network in which nothing of the kind happens: no 5xx, and miners with a ComfyUI and a sequencer. */
const EMPTY = [/status=~"5\.\."/, /state="waiting_for_/, /seconds_left/];

describe.skipIf(why)(`Prometheus ${why}`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'monitoring-'));
  const stops: (() => Promise<unknown>)[] = [];
  let prometheus: Awaited<ReturnType<typeof startPrometheus>>;
  let replicas: string[];
  let isWorking = true;
  let work: Promise<void>;

  beforeAll(async () => {
    const postgres = await startPostgres();
    stops.push(() => postgres.stop());
    const location = await postgres.createDatabase();
    const start = async () => {
      const database = await openDatabase(location);
      const artifacts = createFolderStore(join(folder, 'artifacts'));
      const sequencer = await createSequencer({ database, artifacts, workflows: [paint], allowPrivateWebhooks: true });
      stops.push(() => sequencer.close());
      return { sequencer, url: await sequencer.listen() };
    };
    const [one, two] = [await start(), await start()];
    replicas = [one.url, two.url].map((url) => new URL(url).host);
    const engine = await createEngine({ dataDir: join(folder, 'engine') });
    stops.push(() => engine.close());
    const miners = await Promise.all(
      [one, two].map(async ({ sequencer, url }, index) => {
        const key = await sequencer.createKey('miner', `rig.${index}`);
        const miner = createMiner({ sequencer: url, key, comfyui: engine.url, workflows: [paint] });
        await miner.start();
        stops.push(() => miner.stop());
        return miner;
      }),
    );
    const status = await serveStatus(() => miners.map((miner) => miner.status()), { port: 0 });
    stops.push(() => status.close());
    const hooks = createServer((_, response) => response.end());
    const hook = `${await listen(hooks, 0, '127.0.0.1')}/`;
    stops.push(async () => hooks.close());
    const apiKey = await one.sequencer.createKey('consumer', 'acme');
    const clients = [one, two].map(({ url }) => new Heurist({ apiKey, workflowURL: url }).workflow);
    work = (async () => {
      for (let round = 0; isWorking; round++) {
        const width = round % 3 ? 64 : -8;
        await fetch(`${one.url}/nothing/${round}`);
        await clients[round % 2]!.run(new PaintTask({ color: round, width }), { webhook_url: hook }).catch(() => {});
      }
    })();
    const config = readFileSync(join(rules, 'prometheus.yml'), 'utf8')
      .replace('scrape_interval: 15s', 'scrape_interval: 1s\n  evaluation_interval: 1s')
      .replace('/etc/prometheus/heurist-operator-key', 'key')
      .replace(/"sequencer-1:8787", "sequencer-2:8787"/, replicas.map((host) => `'${host}'`).join(', '))
      .replace('miner:9188', new URL(status.url).host);
    prometheus = await startPrometheus(config, {
      key: await one.sequencer.createKey('operator', 'prometheus'),
      'alerts.yml': readFileSync(join(rules, 'alerts.yml'), 'utf8'),
    });
  }, 120_000);
  afterAll(async () => {
    isWorking = false;
    await work;
    await prometheus?.stop();
    for (const stop of stops.toReversed()) await stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const instances = (samples: { metric: Record<string, string> }[]) =>
    samples.map(({ metric }) => metric.instance).sort();

  test('both replicas and the miners are scraped', async () => {
    const up = async () => instances(await prometheus.query('up{job="heurist"} == 1'));
    await expect.poll(up, { timeout: 30_000 }).toEqual(replicas.toSorted());
    const miners = () => prometheus.query('sum(heurist_miner_finished_total) > 3');
    await expect.poll(miners, { timeout: 30_000 }).toHaveLength(1);
  });

  test('every panel of the dashboard has data', async () => {
    const queries = expressionsOf(dashboard).map((expr) =>
      expr.replaceAll('$__rate_interval', '10s').replaceAll('$replica', '.*'),
    );
    for (const query of queries)
      await expect
        .poll(async () => (await prometheus.query(query)).length, { message: query, timeout: 30_000 })
        .toBeGreaterThan(0);
    // one of them, for one replica
    const [first] = replicas;
    const own = `sum by (instance) (heurist_http_requests_total{instance=~"${first}"})`;
    expect(instances(await prometheus.query(own))).toEqual([first]);
  });

  test('counters differ between replicas, gauges do not', async () => {
    const counts = await prometheus.query('sum by (instance) (heurist_tasks_submitted_total)');
    expect(instances(counts)).toEqual(replicas.toSorted());
    const all = 'sum(heurist_tasks_submitted_total)';
    expect(await prometheus.query(`${all} > max(sum by (instance) (heurist_tasks_submitted_total))`)).toHaveLength(1);
    const miners = await prometheus.query('sum by (instance) (heurist_miners)');
    expect(miners.map(({ value }) => value[1])).toEqual(['2', '2']);
  });

  test('every alert is evaluated, sees its metrics, and is silent', async () => {
    const names = readFileSync(join(rules, 'alerts.yml'), 'utf8').match(/(?<=- alert: )\w+/g) ?? [];
    const evaluated = async () =>
      (await prometheus.rules()).filter(({ health }) => health === 'ok').map(({ name }) => name);
    await expect.poll(evaluated, { timeout: 30_000 }).toEqual(names);
    for (const { name, query, state } of await prometheus.rules()) {
      // every third task of this network fails
      if (!/TasksFail/.test(name)) expect([name, state]).toEqual([name, 'inactive']);
      await prometheus.query(query);
      for (const selector of query.match(/\b(heurist_\w+|up)(\{[^}]*\})?/g) ?? []) {
        if (EMPTY.some((pattern) => pattern.test(selector))) continue;
        expect([selector, (await prometheus.query(selector)).length]).not.toEqual([selector, 0]);
      }
    }
  });
});
