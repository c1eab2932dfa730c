import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { listen } from '@heurist/server-kit/listen';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { download } from '../src/client/files/download.ts';
import type { Heurist, TaskOutput, WorkflowTaskResult } from '../src/index.ts';
import { created, EchoTask, failure, state, withStub } from './client.ts';

/** Larger than what counts as progress, and different everywhere. */
const content = Buffer.concat(
  Array.from({ length: 10_000 }, (_, index) => createHash('sha256').update(`${index}`).digest()),
);
const sha256 = createHash('sha256').update(content).digest('hex');
const described = {
  kind: 'image',
  content_type: 'image/png',
  bytes: content.length,
  sha256,
  filename: 'cat.png',
} as const;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'core-output-'));
});
afterEach(() => rmSync(folder, { recursive: true }));
afterEach(() => vi.unstubAllGlobals());

interface Visit {
  range: string | undefined;
  headers: Record<string, unknown>;
}

/** A storage whose answers a test writes by hand: one for each request, the last one again and again. */
async function storage(...answers: ((response: ServerResponse, from: number) => void)[]) {
  const visits: Visit[] = [];
  const server = createServer(({ headers }, response) => {
    visits.push({ range: headers.range, headers });
    const from = Number(/^bytes=(\d+)-$/.exec(headers.range ?? '')?.[1] ?? 0);
    answers[Math.min(visits.length, answers.length) - 1]?.(response, from);
  });
  const origin = await listen(server, 0, '127.0.0.1');
  return {
    url: `${origin}/cat.png`,
    visits,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const whole = (response: ServerResponse) => response.end(content);
const rest = (response: ServerResponse, from: number) => {
  if (!from) return whole(response);
  response.writeHead(206, { 'content-range': `bytes ${from}-${content.length - 1}/${content.length}` });
  response.end(content.subarray(from));
};
const cut = (at: number) => (response: ServerResponse) => {
  response.writeHead(200, { 'content-length': content.length });
  response.write(content.subarray(0, at));
  setTimeout(() => response.destroy(), 20);
};

/** The output of a finished task, as a client gets it. */
async function outputAt(url: string, more: object = {}): Promise<TaskOutput> {
  const outputs = [{ url, ...described, ...more }];
  return await withStub(
    { task_create: () => created, task_result_query: () => state('finished', { outputs }) },
    async (heurist) => (await heurist.workflow.run(new EchoTask())).outputs[0] as TaskOutput,
  );
}

/** A download without pauses. */
async function fetched(url: string, output: object = described, more: object = {}) {
  const parts: Uint8Array[] = [];
  const settings = { fetch, pauseMs: 1, silenceMs: 200, ...more };
  for await (const part of download({ url, ...output }, {}, settings)) parts.push(part);
  return Buffer.concat(parts);
}

describe('an output of a task', () => {
  test('can be read, taken as a Blob, streamed and saved', async () => {
    await using store = await storage(whole);
    const output = await outputAt(store.url);
    const bytes = await output.bytes();
    expect(bytes).toBeInstanceOf(Uint8Array);
    expect(content.equals(bytes)).toBe(true);
    const blob = await output.blob();
    expect([blob.type, blob.size]).toEqual(['image/png', content.length]);
    expect(content.equals(Buffer.from(await new Response(output.stream()).arrayBuffer()))).toBe(true);
    const path = join(folder, 'new/cat.png');
    expect(await output.save(path)).toBe(path);
    expect([content.equals(readFileSync(path)), readdirSync(join(folder, 'new'))]).toEqual([true, ['cat.png']]);
  });

  test('is what crossed the wire in JSON, and has its size in copies and logs', async () => {
    const output = await outputAt('https://storage.test/cat.png');
    const plain = { url: 'https://storage.test/cat.png', ...described };
    expect(JSON.parse(JSON.stringify(output))).toEqual(plain);
    const { bytes: size, ...facts } = plain;
    expect(structuredClone(output)).toEqual({ ...facts, size });
    expect({ ...output }).toStrictEqual({ ...facts, size });
    expect(inspect(output)).toBe(inspect({ ...facts, size }));
  });

  test.each<[string, (heurist: Heurist) => Promise<TaskOutput | undefined>]>([
    ['queryTaskResult', async (heurist) => (await heurist.workflow.queryTaskResult('t1')).outputs?.[0]],
    ['task(id).wait', async (heurist) => (await heurist.workflow.task('t1').wait()).outputs?.[0]],
    [
      'executeWorkflowAndWaitForResult',
      async ({ workflow }) => (await workflow.executeWorkflowAndWaitForResult(new EchoTask())).outputs?.[0],
    ],
    [
      'onProgress',
      async ({ workflow }) => {
        let seen: TaskOutput | undefined;
        const onProgress = ({ outputs = [] }: WorkflowTaskResult) => {
          // as it is at this moment
          seen = outputs[0] && Object.create(null, Object.getOwnPropertyDescriptors(outputs[0]));
        };
        await workflow.run(new EchoTask(), { onProgress });
        return seen;
      },
    ],
  ])('of %s has the methods', async (_, outputOf) => {
    await using store = await storage(whole);
    const outputs = [{ url: store.url, ...described }];
    await withStub({ task_result_query: () => state('finished', { outputs }) }, async (heurist) => {
      expect((await (await outputOf(heurist))?.bytes())?.length).toBe(content.length);
    });
  });

  test('of a sequencer of the reference protocol, whose result is a URL, has them too', async () => {
    await using store = await storage(whole);
    await withStub({ task_result_query: () => state('finished', { result: store.url }) }, async (heurist) => {
      const { outputs } = await heurist.workflow.run(new EchoTask());
      expect((await outputs[0]?.bytes())?.length).toBe(content.length);
      const result = await heurist.workflow.queryTaskResult('t1');
      expect(Object.keys(result)).toEqual(['task_id', 'status', 'result']);
    });
  });

  test('is fetched without the key', async () => {
    await using store = await storage(whole);
    await (await outputAt(store.url)).bytes();
    expect(JSON.stringify(store.visits)).not.toMatch(/secret-key|authorization|acme/i);
  });
});

describe('a download', () => {
  test('that is cut off goes on where it was', async () => {
    await using store = await storage(cut(100_000), rest);
    expect(content.equals(await fetched(store.url))).toBe(true);
    expect(store.visits.map(({ range }) => range?.replace(/\d+/, (text) => (Number(text) ? 'N' : '0')))).toEqual([
      undefined,
      'bytes=N-',
    ]);
  });

  test('begins again at a server that sends no parts', async () => {
    await using store = await storage(cut(100_000), whole);
    expect(content.equals(await fetched(store.url))).toBe(true);
  });

  test('that ends early is not taken for whole', async () => {
    await using store = await storage((response) => response.end(content.subarray(0, 1000)), rest);
    expect(content.equals(await fetched(store.url))).toBe(true);
    expect(store.visits).toHaveLength(2);
  });

  test('that falls silent is cut and goes on', async () => {
    const stall = (response: ServerResponse) => void response.write(content.subarray(0, 100_000));
    await using store = await storage(stall, rest);
    expect(content.equals(await fetched(store.url))).toBe(true);
  });

  test('may be cut off often, as long as it moves', async () => {
    const step = (response: ServerResponse, from: number) => {
      response.writeHead(from ? 206 : 200, { 'content-range': `bytes ${from}-${content.length - 1}/*` });
      response.write(content.subarray(from, from + 70_000));
      setTimeout(() => response.destroy(), 20);
    };
    await using store = await storage(step, step, step, step, rest);
    expect(content.equals(await fetched(store.url, described, { attempts: 2 }))).toBe(true);
  });

  test('ends after five attempts in a row that bring nothing', async () => {
    await using store = await storage((response) => response.destroy());
    expect(await failure(fetched(store.url))).toMatchObject({ code: 'connection_failed', isRetryable: true });
    expect(store.visits).toHaveLength(5);
  });

  test.each([
    [503, 5],
    [429, 5],
    [403, 1],
    [404, 1],
  ])('that is answered with %i is tried %i times', async (status, times) => {
    await using store = await storage((response) => response.writeHead(status).end());
    expect(await failure(fetched(store.url))).toMatchObject({ code: 'connection_failed', status });
    expect(store.visits).toHaveLength(times);
  });

  test('whose file was replaced meanwhile is not put together from two', async () => {
    const tagged = (etag: string, next: (response: ServerResponse, from: number) => void) =>
      Object.assign((response: ServerResponse, from: number) => {
        response.setHeader('etag', etag);
        next(response, from);
      });
    await using store = await storage(tagged('"a"', cut(100_000)), tagged('"b"', rest));
    const { url } = store;
    expect(await failure(fetched(url, { filename: 'x' }))).toMatchObject({ code: 'invalid_reply' });
  });

  test.each<[string, object]>([
    ['another hash', { sha256: '0'.repeat(64) }],
    ['more bytes than declared', { bytes: 5 }],
  ])('with %s is damaged', async (_, more) => {
    await using store = await storage(whole);
    const output = await outputAt(store.url, more);
    for (const take of [() => output.bytes(), () => new Response(output.stream()).text(), () => output.blob()])
      expect(await failure(take())).toMatchObject({ code: 'invalid_reply', isRetryable: true });
  });

  test('that has more bytes than declared is cut at once: it may be endless', async () => {
    await using store = await storage((response) => {
      const more = () => response.write(content) && setImmediate(more);
      response.on('drain', more);
      more();
    });
    const path = join(folder, 'cat.png');
    expect(await failure((await outputAt(store.url)).save(path))).toMatchObject({ code: 'invalid_reply' });
    expect([store.visits.length, readdirSync(folder)]).toEqual([1, []]);
  });

  test('of a stream ends when the stream is canceled', async () => {
    const { promise: gone, resolve } = Promise.withResolvers<void>();
    await using store = await storage((response) => {
      response.on('close', resolve);
      response.write(content.subarray(0, 1000));
    });
    const reader = (await outputAt(store.url)).stream().getReader();
    await reader.read();
    await reader.cancel();
    await gone;
  });

  test('that is aborted ends at once', async () => {
    await using store = await storage(() => {});
    const output = await outputAt(store.url);
    for (const take of ['bytes', 'blob'] as const) {
      const abort = new AbortController();
      const reading = failure(output[take]({ signal: abort.signal }));
      setTimeout(() => abort.abort('enough'), 50);
      expect(await reading).toMatchObject({ code: 'aborted', cause: 'enough' });
    }
  });
});

describe('save', () => {
  test('leaves what was there if the download fails', async () => {
    await using store = await storage(whole);
    const path = join(folder, 'cat.png');
    writeFileSync(path, 'old');
    const output = await outputAt(store.url, { sha256: '0'.repeat(64) });
    expect(await failure(output.save(path))).toMatchObject({ code: 'invalid_reply' });
    expect([readFileSync(path, 'utf8'), readdirSync(folder)]).toEqual(['old', ['cat.png']]);
  });

  test('makes no folder for what cannot be downloaded', async () => {
    await using store = await storage((response) => response.writeHead(404).end());
    await failure((await outputAt(store.url)).save(join(folder, 'new/cat.png')));
    expect(readdirSync(folder)).toEqual([]);
  });

  test('writes an empty output too', async () => {
    await using store = await storage((response) => response.end());
    const empty = createHash('sha256').digest('hex');
    const path = await (await outputAt(store.url, { bytes: 0, sha256: empty })).save(join(folder, 'empty.txt'));
    expect(readFileSync(path).length).toBe(0);
  });

  test.each([undefined, null, '', 5])('refuses %j as a path', async (path) => {
    const output = await outputAt('https://storage.test/cat.png');
    expect(await failure(output.save(path as never))).toMatchObject({ code: 'invalid_input' });
  });

  test('says in a browser what to do instead; reading checks the hash there too', async () => {
    await using store = await storage(whole);
    const [good, bad] = [await outputAt(store.url), await outputAt(store.url, { sha256: '0'.repeat(64) })];
    vi.stubGlobal('process', undefined);
    expect(await failure(good.save('a.png'))).toMatchObject({
      code: 'unsupported',
      message: expect.stringContaining('createObjectURL'),
    });
    expect((await good.bytes()).length).toBe(content.length);
    expect(await failure(bad.bytes())).toMatchObject({ code: 'invalid_reply' });
  });
});
