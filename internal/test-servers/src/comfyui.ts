// A real ComfyUI, started from a clone of it: on the CPU, without custom nodes, with folders of its own.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, symlinkSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { sleep } from '@heurist/server-kit/sleep';
import { freePort } from './free-port.ts';

/** Where a ComfyUI is. */
export interface ComfyuiPlace {
  /** A clone of ComfyUI. */
  folder: string;
  /** The Python that has what it needs. */
  python: string;
}

/** A graph that it has run, as its own log tells. */
export interface LoggedRun {
  /** How many checkpoints it read for this graph. */
  loads: number;
  /** From the start of the graph to its end. */
  seconds: number;
  /** Until its sampler began. From the arrival of the graph: of one that waited for others, it tells nothing. */
  readySeconds: number;
}

/** A server that was started. */
export interface RealComfyui {
  url: string;
  /** Every graph that has ended so far, in order. */
  readonly runs: readonly LoggedRun[];
  stop(): Promise<void>;
}

/** Threads that wait for each other on a machine that is busy take ten times as long as one. */
const ONE_THREAD = { OMP_NUM_THREADS: '1', MKL_NUM_THREADS: '1' };
const START_MS = 300_000;
const LOOK_MS = 200;

/** The ComfyUI of `COMFYUI_FOLDER` and `COMFYUI_PYTHON`, or why there is none. */
export function findComfyui(env = process.env): ComfyuiPlace | string {
  const { COMFYUI_FOLDER: folder, COMFYUI_PYTHON: python } = env;
  if (!folder) return 'set COMFYUI_FOLDER to a clone of ComfyUI, and COMFYUI_PYTHON to the Python that runs it';
  const place = { folder: resolve(folder), python: resolve(python ?? join(folder, 'venv/bin/python')) };
  if (!existsSync(join(place.folder, 'main.py'))) return `there is no main.py in COMFYUI_FOLDER, ${place.folder}`;
  if (!existsSync(place.python)) return `there is no Python at ${place.python}: set COMFYUI_PYTHON`;
  return place;
}

/**
 * Starts one.
 *
 * @param home - an empty folder for what it writes
 * @param models - the folder of its models, by kind: several servers may share it
 */
export async function startComfyui(
  { folder, python }: ComfyuiPlace,
  home: string,
  models: string,
): Promise<RealComfyui> {
  mkdirSync(home, { recursive: true });
  symlinkSync(models, join(home, 'models'));
  const port = await freePort();
  const options = ['--cpu', '--disable-all-custom-nodes', '--port', `${port}`, '--base-directory', home];
  const command = ['main.py', ...options, '--database-url', 'sqlite:///:memory:'];
  const env = { ...process.env, ...ONE_THREAD };
  const child = spawn(python, command, { cwd: folder, env, stdio: ['ignore', 'ignore', 'pipe'] });
  const ended = once(child, 'exit');
  const log = new RunLog();
  child.stderr.setEncoding('utf8').on('data', (text: string) => log.add(text));
  const stop = async () => {
    child.kill();
    await ended;
  };
  const url = `http://127.0.0.1:${port}`;
  try {
    await untilAnswers(url, () => child.exitCode === null);
  } catch (error) {
    await stop();
    throw new Error(`${(error as Error).message} Its log ends with:\n${log.tail}`);
  }
  return { url, runs: log.runs, stop };
}

async function untilAnswers(url: string, isRunning: () => boolean): Promise<void> {
  const deadline = performance.now() + START_MS;
  while (performance.now() < deadline) {
    const response = await fetch(`${url}/system_stats`).catch(() => undefined);
    if (response?.ok) return;
    if (!isRunning()) throw new Error('ComfyUI ended before it could be used.');
    await sleep(LOOK_MS);
  }
  throw new Error(`ComfyUI did not answer within ${START_MS / 1000} s.`);
}

const TAIL_CHARACTERS = 2000;

/** Reads what ComfyUI logs of its runs. */
class RunLog {
  readonly runs: LoggedRun[] = [];
  tail = '';
  #line = '';
  #loads = 0;
  #arrivedAt = 0;
  #readyAt: number | undefined;

  add(text: string): void {
    this.tail = (this.tail + text).slice(-TAIL_CHARACTERS);
    // a progress bar is written over itself
    const lines = (this.#line + text).split(/[\r\n]/);
    this.#line = lines.pop()!;
    for (const line of lines) this.#read(plain(line));
    if (isFirstBar(this.#line)) this.#readyAt ??= performance.now();
  }

  #read(line: string): void {
    if (line === 'got prompt') this.#arrivedAt = performance.now();
    // of each diffusion model that it makes from a file
    if (line.startsWith('model_type ')) this.#loads++;
    if (isFirstBar(line)) this.#readyAt ??= performance.now();
    const [, seconds] = /Prompt executed in ([\d.]+) seconds/.exec(line) ?? [];
    if (seconds === undefined) return;
    const readySeconds = ((this.#readyAt ?? performance.now()) - this.#arrivedAt) / 1000;
    this.runs.push({ loads: this.#loads, seconds: Number(seconds), readySeconds });
    this.#loads = 0;
    this.#readyAt = undefined;
  }
}

/** Without the colours and the level that some set-ups put before each line. */
const plain = (line: string) => stripVTControlCharacters(line).replace(/^\[[A-Z]+\] /, '');

const isFirstBar = (line: string) => line.startsWith('  0%|');
