import { request } from 'node:http';
import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { MinerReport } from './miner-report.ts';
import { type StatusServer, serveStatus } from './status-server.ts';
import { Tally } from './tally.ts';

const idle: MinerReport = {
  comfyui: 'http://a"b',
  state: 'idle',
  offers: ['x', 'y'],
  running: 1,
  delivering: 2,
  finished: 3,
  failed: { out_of_memory: 4, miner_failed: 5 },
  lost: 6,
  run_seconds: 7.5,
  load_seconds: 2.5,
  model_switches: 2,
  model_load_seconds: 41.5,
  models: [{ key: 'a.safetensors', load_ms: 20_000 }],
  upload_seconds: 0.5,
  input_bytes: 9,
  output_bytes: 10,
  claims: 11,
  restarts: 8,
};

let reports: MinerReport[];
let server: StatusServer;
beforeEach(async () => {
  reports = [idle];
  server = await serveStatus(() => reports, { port: 0 });
});
afterEach(() => server.close());

const get = async (path: string, method = 'GET') => {
  const response = await fetch(`${server.url}${path}`, { method });
  return [response.status, response.headers.get('content-type'), await response.text()] as const;
};

test('a page that points its own name at this machine learns nothing; health checks use any name', async () => {
  const statusFor = (path: string, url = server.url) =>
    new Promise<number | undefined>((resolve, reject) => {
      const sent = request(`${url}${path}`, { headers: { host: 'evil.example' } }, (response) => {
        resolve(response.statusCode);
        response.resume();
      });
      sent.on('error', reject).end();
    });
  expect([await statusFor('/metrics'), await statusFor('/healthz')]).toEqual([403, 200]);
  const byIpv6 = await serveStatus(() => reports, { port: 0, host: '::1' });
  expect(await statusFor('/metrics', byIpv6.url)).toBe(403);
  await byIpv6.close();
  // in a network, Prometheus uses names
  const open = await serveStatus(() => reports, { port: 0, host: '0.0.0.0' });
  expect(await statusFor('/metrics', open.url.replace('0.0.0.0', '127.0.0.1'))).toBe(200);
  await open.close();
});

test('only a health check may leave out the host', async () => {
  const statusOf = async (line: string) => {
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
    socket.end(`${line}\r\nconnection: close\r\n\r\n`);
    return Buffer.concat(await socket.toArray())
      .toString()
      .split(' ')[1];
  };
  expect(await statusOf('GET /healthz HTTP/1.0')).toBe('200');
  expect(await statusOf('GET /healthz HTTP/1.1')).toBe('200');
  expect(await statusOf('GET /metrics HTTP/1.1')).toBe('400');
});

test('a report that fails is an error of that request', async () => {
  const failing = await serveStatus(
    () => {
      throw new Error('bug');
    },
    { port: 0 },
  );
  for (const path of ['/healthz', '/metrics']) expect((await fetch(`${failing.url}${path}`)).status).toBe(500);
  await failing.close();
});

describe('/healthz', () => {
  test.each([
    ['idle', 200],
    ['busy', 200],
    ['stopping', 200],
    ['starting', 503],
    ['waiting_for_comfyui', 503],
    ['waiting_for_sequencer', 503],
    ['stopped', 503],
  ] as const)('%s: %i', async (state, status) => {
    reports = [{ ...idle, state }];
    const [seen, type, body] = await get('/healthz?verbose');
    expect([seen, type, JSON.parse(body)]).toEqual([status, 'application/json', { miners: reports }]);
  });

  test('one miner that works is enough', async () => {
    reports = [{ ...idle, state: 'stopped' }, idle];
    expect((await get('/healthz'))[0]).toBe(200);
    reports = [];
    expect((await get('/healthz'))[0]).toBe(503);
  });
});

test('/metrics: one value for each miner and label', async () => {
  reports = [idle, { ...idle, comfyui: 'http://c', state: 'busy', failed: {} }];
  const [status, type, body] = await get('/metrics');
  expect([status, type]).toEqual([200, 'text/plain; version=0.0.4; charset=utf-8']);
  expect(body.replaceAll('\n\n', '\n')).toBe(`# HELP heurist_miner_state 1 for the current state of the miner.
# TYPE heurist_miner_state gauge
heurist_miner_state{comfyui="http://a\\"b",state="idle"} 1
heurist_miner_state{comfyui="http://c",state="busy"} 1
# HELP heurist_miner_workflows Workflows offered.
# TYPE heurist_miner_workflows gauge
heurist_miner_workflows{comfyui="http://a\\"b"} 2
heurist_miner_workflows{comfyui="http://c"} 2
# HELP heurist_miner_running Tasks running or queued in ComfyUI.
# TYPE heurist_miner_running gauge
heurist_miner_running{comfyui="http://a\\"b"} 1
heurist_miner_running{comfyui="http://c"} 1
# HELP heurist_miner_delivering Tasks whose outputs are being uploaded.
# TYPE heurist_miner_delivering gauge
heurist_miner_delivering{comfyui="http://a\\"b"} 2
heurist_miner_delivering{comfyui="http://c"} 2
# HELP heurist_miner_finished_total Tasks delivered.
# TYPE heurist_miner_finished_total counter
heurist_miner_finished_total{comfyui="http://a\\"b"} 3
heurist_miner_finished_total{comfyui="http://c"} 3
# HELP heurist_miner_failed_total Tasks failed, by error code.
# TYPE heurist_miner_failed_total counter
heurist_miner_failed_total{comfyui="http://a\\"b",code="out_of_memory"} 4
heurist_miner_failed_total{comfyui="http://a\\"b",code="miner_failed"} 5
# HELP heurist_miner_lost_total Tasks canceled or handed to another miner.
# TYPE heurist_miner_lost_total counter
heurist_miner_lost_total{comfyui="http://a\\"b"} 6
heurist_miner_lost_total{comfyui="http://c"} 6
# HELP heurist_miner_run_seconds_total Seconds spent running graphs.
# TYPE heurist_miner_run_seconds_total counter
heurist_miner_run_seconds_total{comfyui="http://a\\"b"} 7.5
heurist_miner_run_seconds_total{comfyui="http://c"} 7.5
# HELP heurist_miner_load_seconds_total Seconds spent on fetching inputs and in nodes that load models or files.
# TYPE heurist_miner_load_seconds_total counter
heurist_miner_load_seconds_total{comfyui="http://a\\"b"} 2.5
heurist_miner_load_seconds_total{comfyui="http://c"} 2.5
# HELP heurist_miner_model_switches_total Runs for which models were loaded.
# TYPE heurist_miner_model_switches_total counter
heurist_miner_model_switches_total{comfyui="http://a\\"b"} 2
heurist_miner_model_switches_total{comfyui="http://c"} 2
# HELP heurist_miner_model_load_seconds_total Seconds of runs in which models were loaded, measured against runs that found them in memory.
# TYPE heurist_miner_model_load_seconds_total counter
heurist_miner_model_load_seconds_total{comfyui="http://a\\"b"} 41.5
heurist_miner_model_load_seconds_total{comfyui="http://c"} 41.5
# HELP heurist_miner_models_held Sets of models that ComfyUI holds in memory, as far as runs have shown.
# TYPE heurist_miner_models_held gauge
heurist_miner_models_held{comfyui="http://a\\"b"} 1
heurist_miner_models_held{comfyui="http://c"} 1
# HELP heurist_miner_upload_seconds_total Seconds spent on uploading outputs.
# TYPE heurist_miner_upload_seconds_total counter
heurist_miner_upload_seconds_total{comfyui="http://a\\"b"} 0.5
heurist_miner_upload_seconds_total{comfyui="http://c"} 0.5
# HELP heurist_miner_input_bytes_total Bytes of inputs fetched.
# TYPE heurist_miner_input_bytes_total counter
heurist_miner_input_bytes_total{comfyui="http://a\\"b"} 9
heurist_miner_input_bytes_total{comfyui="http://c"} 9
# HELP heurist_miner_output_bytes_total Bytes of outputs uploaded.
# TYPE heurist_miner_output_bytes_total counter
heurist_miner_output_bytes_total{comfyui="http://a\\"b"} 10
heurist_miner_output_bytes_total{comfyui="http://c"} 10
# HELP heurist_miner_claims_total Requests for a task that the sequencer answered, with a task or without.
# TYPE heurist_miner_claims_total counter
heurist_miner_claims_total{comfyui="http://a\\"b"} 11
heurist_miner_claims_total{comfyui="http://c"} 11
# HELP heurist_miner_restarts_total Restarts of ComfyUI.
# TYPE heurist_miner_restarts_total counter
heurist_miner_restarts_total{comfyui="http://a\\"b"} 8
heurist_miner_restarts_total{comfyui="http://c"} 8
`);
});

test('anything else', async () => {
  expect(await get('/')).toEqual([404, 'text/plain', 'Try /healthz or /metrics.\n']);
  expect(await get('/healthz', 'POST')).toEqual([405, 'text/plain', 'Use GET.\n']);
  expect((await get('/healthz', 'HEAD'))[0]).toBe(200);
});

test('answers are not cached, and the server listens on this machine only', async () => {
  expect((await fetch(`${server.url}/healthz`)).headers.get('cache-control')).toBe('no-store');
  expect(server.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
});

test('a port in use is an error that says how to fix it', async () => {
  const port = Number(new URL(server.url).port);
  await expect(serveStatus(() => [], { port })).rejects.toThrow(/already in use/);
});

test('a tally counts what it is told, and hands out copies', () => {
  const tally = new Tally();
  const before = tally.counts;
  tally.addFinished({ seconds: 3, bytes: 4 });
  tally.addFailed('x');
  tally.addFailed('x');
  tally.addFailed('y');
  tally.addLost();
  tally.addRunSeconds(1.5);
  tally.addRunSeconds(2);
  tally.addLoadSeconds(1);
  tally.addLoad(2.5);
  tally.addInput(5);
  tally.addClaim();
  expect(tally.counts).toEqual({
    finished: 1,
    failed: { x: 2, y: 1 },
    lost: 1,
    run_seconds: 3.5,
    load_seconds: 1,
    model_switches: 1,
    model_load_seconds: 2.5,
    upload_seconds: 3,
    input_bytes: 5,
    output_bytes: 4,
    claims: 1,
  });
  expect(before).toMatchObject({ finished: 0, failed: {}, lost: 0, run_seconds: 0, output_bytes: 0 });
});

test('codes of failures are bounded: each is a time series', () => {
  const tally = new Tally();
  for (let index = 0; index < 60; index++) tally.addFailed(`code-${index}`);
  tally.addFailed('code-0');
  const { failed } = tally.counts;
  expect([Object.keys(failed).length, failed['code-0'], failed.other]).toEqual([51, 2, 10]);
});
