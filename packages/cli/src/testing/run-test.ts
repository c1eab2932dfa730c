import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { type Heurist, HeuristError, type TaskOutput, TaskTimeoutError, type WorkflowTaskResult } from '@heurist/core';
import type { WorkflowDefinition } from '@heurist/core/definition';
import { fileEnding, printableLine } from '@heurist/core/protocol';
import { DefinitionTask, isUrl, uploadFiles } from '../workflows/definition-task.ts';
import { checkResult, type Miss } from './check-result.ts';
import { nameOfType } from './file-kinds.ts';
import { type Measured, measureOutput } from './measure-output.ts';
import { decodePixels, type Pixels } from './pixels.ts';
import type { WorkflowTest } from './test-file-schema.ts';

/** What came of a test. */
export interface TestReport {
  name: string;
  /** From the submit to the last byte of its outputs. */
  seconds: number;
  /** What was not as expected. None: it passed. */
  misses: readonly Miss[];
  /** What came, in a few words. */
  came: string;
  /** Files that were written: the outputs of a failed test, or a stored picture. */
  saved: readonly string[];
}

/** How tests are run. */
export interface TestRun {
  /** Which test of the file it is, from 1. */
  number: number;
  heurist: Heurist;
  /** Where paths in the file begin. */
  folder: string;
  /** Where outputs of failed tests are saved. */
  output: string;
  /** Seconds for a test that says nothing else. */
  timeout: number;
  /** Store the pictures of `like` instead of comparing with them. */
  update: boolean;
  signal: AbortSignal;
}

/**
 * Runs a test.
 *
 * @throws {HeuristError} if the network cannot be used, or the command was stopped; a task that fails is a report
 */
export async function runTest(definition: WorkflowDefinition, test: WorkflowTest, run: TestRun): Promise<TestReport> {
  const begin = performance.now();
  const report = await attempt(definition, test, run);
  return { name: test.name, seconds: (performance.now() - begin) / 1000, ...report };
}

type Attempt = Pick<TestReport, 'misses' | 'came' | 'saved'>;

async function attempt(definition: WorkflowDefinition, test: WorkflowTest, run: TestRun): Promise<Attempt> {
  try {
    const result = await finish(definition, test, run);
    if (result.status !== 'finished') return failed(result.error?.message ?? result.status);
    return await judge(test, result, run);
  } catch (error) {
    // of the network or the stop of the command, which say nothing of the workflow
    if (!HeuristError.isInstance(error) || !isOfTask(error)) throw error;
    return failed(error.message);
  }
}

const isOfTask = (error: HeuristError) =>
  TaskTimeoutError.isInstance(error) || ['invalid_parameters', 'unservable', 'invalid_input'].includes(error.code);

function failed(reason: string): Attempt {
  const got = printableLine(reason);
  return { misses: [{ what: 'task', expected: 'finished', got }], came: got, saved: [] };
}

async function finish(definition: WorkflowDefinition, test: WorkflowTest, run: TestRun): Promise<WorkflowTaskResult> {
  const { heurist, signal, folder } = run;
  const timeout = (test.timeout_seconds ?? run.timeout) * 1000;
  const parameters = { ...test.parameters };
  for (const name of Object.keys(definition.files)) {
    const value = parameters[name];
    if (typeof value === 'string' && !isUrl(value)) parameters[name] = resolve(folder, value);
  }
  const uploaded = await uploadFiles(heurist, definition, parameters, { signal, timeout });
  const task = new DefinitionTask(definition, uploaded);
  return await heurist.workflow.executeWorkflowAndWaitForResult(task, timeout, undefined, { signal });
}

async function judge({ name, expect }: WorkflowTest, result: WorkflowTaskResult, run: TestRun): Promise<Attempt> {
  const outputs = await Promise.all((result.outputs ?? []).map((output) => measure(output, run)));
  const stored = expect.like && join(run.folder, expect.like.file);
  const updated = stored && run.update ? store(stored, outputs) : [];
  const misses = checkResult(expect, {
    outputs,
    text: result.text ?? '',
    runSeconds: (result.timings?.run_ms ?? result.timings?.total_ms ?? 0) / 1000,
    stored: stored ? await readPicture(stored) : undefined,
  });
  const saved = misses.length ? save(outputs, join(run.output, `${run.number}-${fileNameOf(name)}`)) : [];
  return { misses, came: describe(outputs), saved: [...updated, ...saved] };
}

async function measure(output: TaskOutput, { signal }: TestRun): Promise<Measured> {
  return await measureOutput(await output.bytes({ signal }), output.content_type);
}

async function readPicture(path: string): Promise<Pixels | undefined> {
  let bytes: Uint8Array;
  try {
    bytes = readFileSync(path);
  } catch {
    return undefined;
  }
  return await decodePixels(bytes).catch((cause) => {
    throw new HeuristError(`${path} cannot be read as a picture. Store it anew with --update.`, {
      code: 'invalid_input',
      cause,
    });
  });
}

/** Stores the first picture, as it came. */
function store(path: string, outputs: readonly Measured[]): string[] {
  const picture = outputs.find(({ pixels }) => pixels);
  return picture ? [write(path, picture.bytes)] : [];
}

/** Saves all outputs of a failed test. */
function save(outputs: readonly Measured[], stem: string): string[] {
  return outputs.map(({ bytes, type }, index) => write(`${stem}-${index + 1}.${fileEnding(type)}`, bytes));
}

function write(path: string, bytes: Uint8Array): string {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, bytes);
  return path;
}

/** The name of a test as that of a file. */
const fileNameOf = (name: string) =>
  name
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, '-')
    .replaceAll(/^-|-$/g, '')
    .slice(0, 60) || 'test';

/** `2 png 512x512`. */
function describe(outputs: readonly Measured[]): string {
  const texts = outputs.map(({ type, width, height, seconds }) =>
    [nameOfType(type), width && `${width}x${height}`, seconds && `${Number(seconds.toFixed(2))} s`]
      .filter(Boolean)
      .join(' '),
  );
  const counted = Map.groupBy(texts, (text) => text);
  return [...counted].map(([text, all]) => `${all.length} ${text}`).join(', ') || 'no output';
}
