// What the pictures show: tasks that a local network really runs, as the browser of somebody who made them remembers them.

import { sleep } from '@heurist/server-kit/sleep';
import type { Page } from 'playwright-core';
import sharp from 'sharp';
import { orders } from '../samples/list.ts';
import type { NewTaskRequest, TaskOptions, TaskState, UploadedFile } from '../shared/api.ts';
import type { Chain, ChainStep } from '../src/chains/chain.ts';
import { CHAIN_EXAMPLES } from '../src/chains/chain-examples.ts';
import type { TaskEnd, TaskEntry } from '../src/data/task-list.ts';
import { hasEnded } from '../src/task-hooks/task-source.ts';

/** A round area in the middle, as somebody would paint it. */
const MASK =
  '<svg width="128" height="128"><rect width="128" height="128"/><circle cx="64" cy="64" r="48" fill="#fff"/></svg>';
/** What is shown large. */
const LAST = { prompt: 'a fox on a blue background', seed: 0 };
const output = (task_id: string, side: number) => ({ task_id, output: 0, width: side, height: side });

/** The tasks of one browser, on the server at a URL. */
export class Scene {
  /** The newest first. */
  readonly tasks: TaskEntry[] = [];
  readonly #chains: Chain[] = [];
  readonly #url: string;

  constructor(url: string) {
    this.#url = url;
  }

  /** Draws what the first page shows, changes some of it, and runs a chain. Returns the task of an upscaled picture. */
  async fill(): Promise<string> {
    const drawn = [];
    for (const { prompt, seed } of orders.toReversed())
      drawn.push(await this.make('text2image', 'tiny', { prompt, seed }));
    await this.#runChain();
    const rocket = drawn.at(-1)!;
    const upscaled = await this.make('upscaler', 'upscaler', { image_url: output(rocket, 128), scale: 4 });
    await this.make('text2image', 'tiny', LAST);
    return upscaled;
  }

  /** Runs a task to its end. */
  async make(family: string, workflow_id: string, options: TaskOptions): Promise<string> {
    const task_id = await this.submit(family, workflow_id, options);
    const { status, error, outputs = [] } = await this.#untilEnded(task_id);
    const [made] = outputs;
    if (!made) throw new Error(`${workflow_id}: ${status} ${error?.message}`);
    const { kind, width, height } = made;
    const end = { status, kind, width, height, count: outputs.length } as TaskEnd;
    this.tasks.unshift({ task_id, family, workflow_id, options, created_at: Date.now(), end });
    return task_id;
  }

  async #untilEnded(task_id: string): Promise<TaskState> {
    for (;;) {
      const state = await this.#call<TaskState>(`tasks/${task_id}`);
      if (hasEnded(state)) return state;
      await sleep(100);
    }
  }

  async submit(family: string, workflow_id: string, options: TaskOptions): Promise<string> {
    const request: NewTaskRequest = { family, workflow_id, options, job_id: crypto.randomUUID() };
    return (await this.#call<{ task_id: string }>('tasks', JSON.stringify(request))).task_id;
  }

  async cancel(task_id: string): Promise<void> {
    await this.#call(`tasks/${task_id}/cancel`, '{}');
  }

  /** Lets a browser remember all of it. It must be on a page of the server. */
  async remember(page: Page, tasks: readonly TaskEntry[] = this.tasks): Promise<void> {
    const draft = { options: { prompt: LAST.prompt } };
    const kept = {
      'heurist.tasks': JSON.stringify(tasks),
      'heurist.chains': JSON.stringify(this.#chains),
      'heurist.draft.text2image': JSON.stringify(draft),
    };
    await page.evaluate((items) => {
      for (const [key, value] of Object.entries(items)) localStorage.setItem(key, value);
    }, kept);
  }

  /** The example with a mask, painted. */
  async #runChain(): Promise<void> {
    const { name, prompt, steps } = CHAIN_EXAMPLES[1]!;
    const mask = await this.#upload(await sharp(Buffer.from(MASK)).png().toBuffer());
    const ended: ChainStep[] = [];
    for (const { family, options = {} } of steps) {
      const before = ended.at(-1)?.task_id;
      const own = { ...options, ...(family === 'inpaint' && { mask_url: { ...mask, name: 'mask.png' } }) };
      const given = {
        ...(family !== 'upscaler' && { prompt, seed: 0 }),
        ...(before && { image_url: output(before, 128) }),
        ...own,
      };
      const workflow_id = GRAPHS[family]!;
      const task_id = await this.make(family, workflow_id, given);
      ended.push({ family, workflow_id, options: own, task_id, end: { status: 'finished', seed: 0 } });
    }
    this.#chains.push({ id: 'castle', name, prompt, steps: ended, isRunning: false });
  }

  async #upload(bytes: Buffer): Promise<UploadedFile> {
    return await this.#call('files', new Uint8Array(bytes), 'image/png');
  }

  async #call<T>(path: string, body?: string | Uint8Array<ArrayBuffer>, type = 'application/json'): Promise<T> {
    const sent = body === undefined ? {} : { method: 'POST', headers: { 'content-type': type }, body };
    const response = await fetch(`${this.#url}/api/${path}`, sent);
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as T;
  }
}

/** The graphs of a local network. */
const GRAPHS: Record<string, string> = { text2image: 'tiny', inpaint: 'tiny-inpaint', upscaler: 'upscaler' };
