import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pathToFileURL } from 'node:url';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { type FileInput, type Heurist, SchemaTask, WorkflowTask, type WorkflowTaskOptions } from '../src/index.ts';
import { file } from '../src/node.ts';
import { image, mask, optional, options, prompt } from '../src/parameters.ts';
import { apiKey, EchoTask, failure, withStub } from './client.ts';
import type { Answer, Script } from './stub-sequencer.ts';

const png = Buffer.from('89504e470d0a1a0a00010203', 'hex');
const folder = mkdtempSync(join(tmpdir(), 'core-files-'));
afterAll(() => rmSync(folder, { recursive: true }));
const path = join(folder, 'a.png');
writeFileSync(path, png);

const schema = () => options(prompt(), image(), { mask_url: optional(mask().mask_url) });
class PaintTask extends SchemaTask {
  constructor(image_url: FileInput, more: WorkflowTaskOptions & { mask_url?: FileInput } = {}) {
    super('PaintTask', schema(), { prompt: 'x', image_url, ...more } as WorkflowTaskOptions);
  }
  get task_type() {
    return 'paint';
  }
}

/** A client of a sequencer that keeps files, and knows contents if it is one of ours of today. */
async function withFiles<T>(
  use: (heurist: Heurist, stub: Parameters<Parameters<typeof withStub<T>>[1]>[1]) => Promise<T>,
  script: Script = {},
  knows = true,
): Promise<T> {
  const known = new Set<unknown>();
  let address = '';
  return await withStub(
    {
      file_create: ({ sha256 }, count) => {
        const is_stored = known.has(sha256);
        known.add(sha256);
        return {
          json: { upload_url: `${address}/put`, url: `https://files.test/${count}`, ...(knows && { is_stored }) },
        };
      },
      put: () => ({ json: {} }),
      ...script,
    },
    async (heurist, stub) => {
      address = stub.url;
      return await use(heurist, stub);
    },
  );
}

const sent = ({ calls }: { calls: { name: string; body: { task_details: { parameters: object } } }[] }) =>
  calls.filter(({ name }) => name === 'task_create').map(({ body }) => body.task_details.parameters);

describe.concurrent('a file option takes', () => {
  test.each<[string, () => FileInput]>([
    ['a Blob', () => new Blob([png])],
    ['a File', () => new File([png], 'a.txt', { type: 'text/plain' })],
    ['bytes', () => new Uint8Array(png)],
    ['a Buffer', () => png],
    [
      'a part of a buffer',
      () =>
        new Uint8Array(Buffer.concat([png, png]).buffer, 0, 0).constructor && Buffer.concat([png, png]).subarray(12),
    ],
    ['an ArrayBuffer', () => new Uint8Array(png).buffer],
    ['a stream', () => new Blob([png]).stream()],
    ['a stream of Node', () => Readable.from([png.subarray(0, 5), png.subarray(5)])],
    ['file(path)', () => file(path)],
    ['file(file: URL)', () => file(pathToFileURL(path))],
    ['file(stream)', () => file(Readable.from([png]))],
  ])('%s, which is uploaded at the submit', (_, make) =>
    withFiles(async (heurist, stub) => {
      const task = new PaintTask(make());
      expect(stub.calls).toEqual([]);
      await heurist.workflow.run(task);
      expect(stub.calls.map(({ name }) => name).slice(0, 3)).toEqual(['file_create', 'put', 'task_create']);
      expect(stub.calls[0]?.body).toMatchObject({ content_type: 'image/png', bytes: 12, consumer_id: 'acme' });
      expect(stub.calls[1]?.headers).toMatchObject({ 'content-type': 'image/png', 'content-length': '12' });
      expect(stub.calls[1]?.headers.authorization).toBeUndefined();
      expect(sent(stub)).toEqual([{ prompt: 'x', image: 'https://files.test/1' }]);
    }),
  );

  test.each<[string, FileInput, string]>([
    ['a URL as text', 'https://example.com/a.png', 'https://example.com/a.png'],
    ['a URL object', new URL('https://example.com/a.png'), 'https://example.com/a.png'],
  ])('%s, which is sent as it is', (_, given, url) =>
    withFiles(async (heurist, stub) => {
      await heurist.workflow.run(new PaintTask(given));
      expect(sent(stub)).toEqual([{ prompt: 'x', image: url }]);
      expect(stub.named('file_create')).toEqual([]);
    }),
  );

  test.each([
    './a.png',
    path,
    'a.png',
    pathToFileURL(path).href,
    '',
    `data:image/png;base64,${png.toString('base64')}`,
  ])('no text but a URL: %s never becomes a path', (text) => {
    expect(() => new PaintTask(text)).toThrow(
      /`image_url` must be an http\(s\) URL.*file\(path\) of @heurist\/core\/node/,
    );
  });

  test.each([5, null, true, {}, [], [png], () => png, Symbol('x'), new Response('x')])('nothing else: %s', (value) => {
    expect(() => new PaintTask(value as never)).toThrow(expect.objectContaining({ code: 'invalid_parameters' }));
  });

  test('text options take no files', () => {
    const given = { prompt: png, image_url: 'https://example.com/a.png' };
    class Task extends PaintTask {
      constructor() {
        super('https://example.com', given as never);
      }
    }
    expect(() => new Task()).toThrow('`prompt` must be text');
  });

  test('tasks without a schema upload files too, also in lists', () => {
    class Plain extends WorkflowTask {
      get task_type() {
        return 'plain';
      }
      get task_details() {
        return { note: 1, parameters: { one: png, many: [new Uint8Array([...png, 1]), 'text'], text: 'x' } };
      }
    }
    return withFiles(async (heurist, stub) => {
      await heurist.workflow.run(new Plain());
      expect(stub.named('task_create')[0]?.body.task_details).toEqual({
        note: 1,
        parameters: { one: 'https://files.test/1', many: ['https://files.test/2', 'text'], text: 'x' },
      });
    });
  });
});

describe.concurrent('a content is uploaded once', () => {
  test('for both options of a task, and for tasks that are submitted at the same time', () =>
    withFiles(async (heurist, stub) => {
      await Promise.all(
        [1, 2, 3].map(() => heurist.workflow.run(new PaintTask(new Blob([png]), { mask_url: new Uint8Array(png) }))),
      );
      // each option may take less than the other, so each asks; the second knows that the content is there
      expect([stub.named('file_create').length, stub.named('put').length, sent(stub).length]).toEqual([2, 1, 3]);
      expect(sent(stub)[2]).toEqual({ prompt: 'x', image: 'https://files.test/1', mask: 'https://files.test/2' });
      expect(
        stub
          .named('file_create')
          .map(({ body: { task_type, workflow_id, parameter } }) => [task_type, workflow_id, parameter]),
      ).toEqual([
        ['paint', undefined, 'image'],
        ['paint', undefined, 'mask'],
      ]);
    }));

  test('one option that does not take it leaves the other alone', () => {
    let address = '';
    return withFiles(
      async (heurist, stub) => {
        address = stub.url;
        const both = await Promise.allSettled([
          heurist.workflow.run(new PaintTask('https://x.test/a.png', { mask_url: new Uint8Array(png) })),
          heurist.workflow.run(new PaintTask(new Uint8Array(png))),
        ]);
        expect(both).toMatchObject([
          { status: 'rejected', reason: { code: 'payload_too_large' } },
          { status: 'fulfilled' },
        ]);
        expect(stub.named('put')).toHaveLength(1);
      },
      {
        file_create: ({ parameter }) =>
          parameter === 'mask'
            ? { status: 413, json: { code: 'payload_too_large', message: 'Too large.' } }
            : { json: { upload_url: `${address}/put`, url: 'https://files.test/1', is_stored: false } },
      },
    );
  });

  test('by its hash: the sequencer says that it has it', () =>
    withFiles(async (heurist, stub) => {
      for (let count = 0; count < 3; count++) await heurist.workflow.run(new PaintTask(file(path)));
      expect([stub.named('file_create').length, stub.named('put').length]).toEqual([3, 1]);
      expect(stub.named('file_create')[0]?.body.sha256).toMatch(/^[0-9a-f]{64}$/);
    }));

  test('also with a sequencer that compares nothing', () =>
    withFiles(
      async (heurist, stub) => {
        for (let count = 0; count < 3; count++) await heurist.workflow.run(new PaintTask(png));
        expect([stub.named('file_create').length, stub.named('put').length]).toEqual([1, 1]);
      },
      {},
      false,
    ));

  test('but not for another consumer, nor another content', () =>
    withFiles(
      async (heurist, stub) => {
        await heurist.workflow.run(new PaintTask(png));
        await heurist.workflow.run(new PaintTask(png, { api_key: 'other#long-key' }));
        await heurist.workflow.run(new PaintTask(Buffer.concat([png, png])));
        expect(stub.named('file_create').map(({ body }) => [body.consumer_id, body.bytes])).toEqual([
          ['acme', 12],
          ['other', 12],
          ['acme', 24],
        ]);
      },
      {},
      false,
    ));

  test('a failed upload is not remembered', () =>
    withFiles(
      async (heurist, stub) => {
        expect(await failure(heurist.workflow.uploadFile(png))).toMatchObject({ code: 'payload_too_large' });
        expect(await heurist.workflow.uploadFile(png)).toBe('https://files.test/2');
        expect(stub.named('file_create')).toHaveLength(2);
      },
      {
        file_create: (_, count): Answer =>
          count === 1
            ? { status: 413, json: { code: 'payload_too_large', message: 'too large' } }
            : { json: { upload_url: 'http://127.0.0.1:9', url: 'https://files.test/2', is_stored: true } },
      },
    ));

  test('an abort of one submit leaves the upload to the other; the last one ends it', () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    return withFiles(
      async (heurist, stub) => {
        const [first, second] = [new AbortController(), new AbortController()];
        const one = failure(heurist.workflow.run(new PaintTask(png), { signal: first.signal }));
        const two = failure(heurist.workflow.run(new PaintTask(png), { signal: second.signal }));
        await promise;
        first.abort();
        expect(await one).toMatchObject({ code: 'aborted', job_id: expect.any(String) });
        await new Promise((done) => setTimeout(done, 30));
        expect(stub.named('put')[0]?.isOver).toBe(false);
        second.abort();
        expect(await two).toMatchObject({ code: 'aborted' });
        await vi.waitFor(() => expect(stub.named('put')[0]?.isOver).toBe(true));
        expect([stub.named('put').length, stub.named('task_create')]).toEqual([1, []]);
      },
      {
        put: () => {
          resolve();
          return 'hang';
        },
      },
    );
  });
});

describe.concurrent('a file that cannot be used', () => {
  test.each<[string, () => FileInput, RegExp]>([
    ['a path that does not exist', () => file('/nowhere/a.png'), /^"\/nowhere\/a\.png" cannot be read \(ENOENT\)/],
    [
      'a file: URL of another machine',
      () => file('file://elsewhere/a.png'),
      /cannot be read \(ERR_INVALID_FILE_URL_HOST\)/,
    ],
    [
      'a TIFF image',
      () => Buffer.from('II*\0\0\0'),
      /^The file is a TIFF image, which the network cannot read\. Convert it to PNG/,
    ],
    ['a PDF document', () => Buffer.from('%PDF-1.7'), /^The file is a PDF document/],
    ['a stream to write to', () => new WritableStream() as never, /^A file must be .*\(got WritableStream\)/],
    ['an empty stream', () => new Blob([]).stream(), /^The file is empty/],
    ['a stream of text', () => Readable.from(['text']) as never, /^A stream must yield bytes \(got string\)/],
    [
      'a stream that fails',
      () =>
        new ReadableStream({
          pull() {
            throw new Error('disk on fire');
          },
        }),
      /^The stream failed before its end/,
    ],
  ])('%s fails the submit before anything is sent', (_, make, message) =>
    withFiles(async (heurist, stub) => {
      const error = await failure(heurist.workflow.run(new PaintTask(make())));
      expect(error).toMatchObject({
        code: 'invalid_input',
        message: expect.stringMatching(message),
        job_id: expect.any(String),
      });
      expect(stub.calls).toEqual([]);
    }),
  );

  test.each([5, undefined, '', {}, new Response(), new URL('https://x.test/a.png')])(
    'file(%s) is refused',
    (source) => {
      expect(() => file(source as never)).toThrow(expect.objectContaining({ code: 'invalid_input' }));
    },
  );

  test('an abort while a stream is read ends both', () => {
    let reason: unknown;
    const endless = new ReadableStream<Uint8Array>({
      cancel(given) {
        reason = given;
      },
    });
    return withFiles(async (heurist, stub) => {
      const signal = AbortSignal.timeout(50);
      expect(await failure(heurist.workflow.run(new PaintTask(endless), { signal }))).toMatchObject({
        code: 'aborted',
      });
      await vi.waitFor(() => expect(reason).toBeDefined());
      expect(stub.calls).toEqual([]);
    });
  });

  test('a task with a stream can be submitted again', () =>
    withFiles(async (heurist, stub) => {
      const task = new PaintTask(new Blob([png]).stream());
      await heurist.workflow.run(task);
      await heurist.workflow.run(task);
      expect(sent(stub)).toHaveLength(2);
    }));

  test('a timeout during the upload names the job, and that there is no task', () =>
    withFiles(
      async (heurist) => {
        const error = await failure(heurist.workflow.run(new PaintTask(png), { timeout: 200 }));
        expect(error).toMatchObject({ code: 'task_timeout', job_id: expect.any(String), task_id: undefined });
        expect(await (error as never as { cancellation: Promise<unknown> }).cancellation).toEqual({
          outcome: 'not_submitted',
        });
      },
      { put: () => 'hang' },
    ));

  test('the tasks of a client without files load nothing more', () =>
    withStub({}, async (heurist, stub) => {
      await heurist.workflow.run(new EchoTask());
      expect([stub.calls.map(({ name }) => name).includes('file_create'), apiKey]).toEqual([false, 'acme#secret-key']);
    }));
});
