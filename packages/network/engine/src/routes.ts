import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { freemem, totalmem } from 'node:os';
import { basename, extname } from 'node:path';
import { validateGraph } from '@heurist/comfyui';
import type { Graph } from '@heurist/core/definition';
import { type Context, Hono } from 'hono';
import { bodyLimit } from 'hono/body-limit';
import sharp from 'sharp';
import * as z from 'zod';
import { FILE_TYPES, type FileType, OutsideError } from './files.ts';
import { MODEL_FOLDERS } from './model-folders.ts';
import { describeNode, describeNodes, type NodeClass, type NodeServices } from './node-class.ts';
import type { PromptRunner } from './prompt-runner.ts';
import { SERVER_FEATURES } from './socket-hub.ts';

/** What the routes work on. */
export interface RouteServices extends NodeServices {
  classes: ReadonlyMap<string, NodeClass>;
  runner: PromptRunner;
  version: string;
}

const promptBody = z.looseObject({
  prompt: z.record(z.string(), z.unknown()).optional(),
  prompt_id: z.coerce.string().optional(),
  client_id: z.string().optional(),
  extra_data: z.record(z.string(), z.unknown()).default({}),
  front: z.boolean().default(false),
  number: z.coerce.number().optional(),
  partial_execution_targets: z.array(z.string()).optional(),
});

const idList = z.array(z.string()).default([]);
const queueBody = z.looseObject({ clear: z.boolean().default(false), delete: idList });
const interruptBody = z.looseObject({ prompt_id: z.string().optional() }).catch({});
const freeBody = z.looseObject({ free_memory: z.boolean().default(false) });

const contentTypes: Record<string, string> = {
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.jpeg': 'image/jpeg',
  '.webp': 'image/webp',
  '.gif': 'image/gif',
  '.txt': 'text/plain; charset=utf-8',
};

/** ComfyUI's HTTP interface. Success without content is 200 with an empty body, as there. */
export function createRoutes(services: RouteServices): Hono {
  const app = new Hono();
  app.use(
    bodyLimit({
      maxSize: SERVER_FEATURES.max_upload_size,
      onError: (c) => c.text(`Maximum request body size ${SERVER_FEATURES.max_upload_size} exceeded.`, 413),
    }),
  );
  promptRoutes(app, services);
  queueRoutes(app, services);
  fileRoutes(app, services);
  infoRoutes(app, services);
  return app;
}

function promptRoutes(app: Hono, services: RouteServices): void {
  const { runner, classes, files } = services;
  app.get('/prompt', (c) => c.json({ exec_info: { queue_remaining: runner.queue.remaining } }));
  app.post('/prompt', async (c) => {
    const json = await c.req.json();
    const body = promptBody.parse(Array.isArray(json) ? {} : json);
    const number = runner.queue.nextNumber(body.number, body.front);
    if (!body.prompt) {
      const message = 'No prompt provided';
      return c.json({ error: { type: 'no_prompt', message, details: message, extra_info: {} }, node_errors: {} }, 400);
    }
    const {
      graph: prompt,
      outputs,
      nodeErrors,
      error,
    } = validateGraph(body.prompt as Graph, describeNodes(usedClasses(body.prompt as Graph, classes), services), {
      targets: body.partial_execution_targets,
      hasInputFile: files.hasInput,
    });
    if (error) return c.json({ error, node_errors: nodeErrors }, 400);
    const prompt_id = body.prompt_id ?? randomUUID();
    const extra = { ...body.extra_data, ...(body.client_id && { client_id: body.client_id }) };
    runner.submit([number, prompt_id, prompt, extra, outputs]);
    return c.json({ prompt_id, number, node_errors: nodeErrors });
  });
  app.post('/interrupt', async (c) => {
    runner.interrupt(interruptBody.parse(await c.req.json().catch(() => ({}))).prompt_id);
    return c.body(null, 200);
  });
  app.post('/free', async (c) => {
    if (freeBody.parse(await c.req.json()).free_memory) runner.freeCache();
    return c.body(null, 200);
  });
}

/** Describing a class lists files: a prompt needs that of its own nodes only. */
function usedClasses(graph: Graph, classes: ReadonlyMap<string, NodeClass>): Map<string, NodeClass> {
  const used = new Set(Object.values(graph).map((node) => node?.class_type));
  return new Map([...classes].filter(([name]) => used.has(name)));
}

function queueRoutes(app: Hono, { runner }: RouteServices): void {
  app.get('/queue', (c) =>
    c.json({ queue_running: runner.queue.running ? [runner.queue.running] : [], queue_pending: runner.queue.pending }),
  );
  app.post('/queue', async (c) => {
    const { clear, delete: ids } = queueBody.parse(await c.req.json());
    if (clear) runner.queue.clear();
    if (runner.queue.delete(ids) || clear) runner.broadcastStatus();
    return c.body(null, 200);
  });
  app.get('/history', (c) => {
    const maxItems = c.req.query('max_items');
    const list = runner.history.list(
      maxItems === undefined ? undefined : whole(maxItems),
      whole(c.req.query('offset') ?? '-1'),
    );
    return c.json(list);
  });
  app.get('/history/:id', (c) => {
    const entry = runner.history.get(c.req.param('id'));
    return c.json(entry ? { [c.req.param('id')]: entry } : {});
  });
  app.post('/history', async (c) => {
    const { clear, delete: ids } = queueBody.parse(await c.req.json());
    if (clear) runner.history.clear();
    for (const id of ids) runner.history.delete(id);
    return c.body(null, 200);
  });
}

function whole(text: string): number {
  if (!/^-?\d+$/.test(text)) throw new Error(`${text} is no whole number`);
  return Number(text);
}

function fileRoutes(app: Hono, { files }: RouteServices): void {
  app.post('/upload/image', async (c) => {
    const form = await c.req.parseBody().catch(() => ({}) as Record<string, string | File>);
    const { image, subfolder = '', type = 'input', overwrite } = form;
    if (!(image instanceof File) || !image.name) return c.body(null, 400);
    const ref = { filename: basename(image.name), subfolder: String(subfolder), type: fileType(String(type)) };
    const bytes = new Uint8Array(await image.arrayBuffer());
    const saved = await files.saveUpload(bytes, ref, overwrite === 'true' || overwrite === '1');
    return c.json({ name: saved.filename, subfolder: saved.subfolder, type: saved.type });
  });
  app.get('/view', async (c) => {
    const { filename, subfolder = '', type = 'output', channel = '', preview } = c.req.query();
    if (filename === undefined) return c.body(null, 404);
    const [, name = '', annotated] = /^(.*?)(?: \[(input|output|temp)\])?$/.exec(filename) ?? [];
    if (!name || name.startsWith('/') || name.includes('..')) return c.body(null, 400);
    if (!FILE_TYPES.includes(type as FileType)) return c.body(null, 400);
    const path = files.locate({ filename: basename(name), subfolder, type: (annotated ?? type) as FileType });
    if (!existsSync(path)) return c.body(null, 404);
    return await sendFile(c, path, channel, preview);
  });
  app.onError((error, c) => {
    if (error instanceof OutsideError) return c.body(null, c.req.path.endsWith('/view') ? 403 : 400);
    return c.text('500 Internal Server Error\n\nServer got itself in trouble', 500);
  });
}

function fileType(text: string): FileType {
  if (!FILE_TYPES.includes(text as FileType)) throw new Error(`unknown folder type ${text}`);
  return text as FileType;
}

async function sendFile(c: Context, path: string, channel: string, preview: string | undefined): Promise<Response> {
  const disposition = { 'content-disposition': `filename="${basename(path)}"` };
  if (preview !== undefined) {
    const [wanted, quality = '90'] = preview.split(';');
    const format = wanted === 'jpeg' && !channel.includes('a') ? 'jpeg' : 'webp';
    const bytes = await sharp(path)
      .toFormat(format, { quality: Number(quality) || 90 })
      .toBuffer();
    return c.body(new Uint8Array(bytes), 200, { ...disposition, 'content-type': `image/${format}` });
  }
  if (channel === 'rgb' || channel === 'a') {
    const picture = channel === 'rgb' ? sharp(path).removeAlpha() : sharp(path).ensureAlpha().extractChannel('alpha');
    const bytes = await picture.png().toBuffer();
    return c.body(new Uint8Array(bytes), 200, { ...disposition, 'content-type': 'image/png' });
  }
  const type = contentTypes[extname(path).toLowerCase()] ?? 'application/octet-stream';
  const headers = { ...disposition, 'content-type': type, 'accept-ranges': 'bytes' };
  const bytes = new Uint8Array(await readFile(path));
  const range = parseRange(c.req.header('range'), bytes.length);
  if (!range) return c.body(bytes, 200, headers);
  const [start, end] = range;
  const contentRange = `bytes ${start}-${end - 1}/${bytes.length}`;
  return c.body(bytes.subarray(start, end), 206, { ...headers, 'content-range': contentRange });
}

/** Start and end of one byte range; anything else gets the whole file, which HTTP allows. */
function parseRange(header: string | undefined, size: number): [start: number, end: number] | undefined {
  const [, first = '', last = ''] = /^bytes=(\d*)-(\d*)$/.exec(header ?? '') ?? [];
  if (!first && !last) return undefined;
  const start = first ? Number(first) : Math.max(0, size - Number(last));
  const end = first && last ? Math.min(size, Number(last) + 1) : size;
  return start < end ? [start, end] : undefined;
}

function infoRoutes(app: Hono, services: RouteServices): void {
  const { classes, models, version } = services;
  app.get('/object_info', (c) => c.json(describeNodes(classes, services)));
  app.get('/object_info/:class', (c) => {
    const node = classes.get(c.req.param('class'));
    return c.json(node ? { [node.name]: describeNode(node, services) } : {});
  });
  app.get('/models', (c) => c.json(MODEL_FOLDERS));
  app.get('/models/:folder', (c) => {
    const names = models.list(c.req.param('folder'));
    return names ? c.json(names) : c.body(null, 404);
  });
  app.get('/embeddings', (c) => c.json([]));
  app.get('/features', (c) => c.json(SERVER_FEATURES));
  app.get('/system_stats', (c) =>
    c.json({
      system: {
        os: process.platform === 'win32' ? 'nt' : 'posix',
        ram_total: totalmem(),
        ram_free: freemem(),
        comfyui_version: '0.3.64',
        heurist_engine_version: version,
        python_version: 'none',
        pytorch_version: 'none',
        embedded_python: false,
        argv: [],
      },
      devices: [
        {
          name: 'cpu',
          type: 'cpu',
          index: null,
          vram_total: totalmem(),
          vram_free: freemem(),
          torch_vram_total: totalmem(),
          torch_vram_free: freemem(),
        },
      ],
    }),
  );
}
