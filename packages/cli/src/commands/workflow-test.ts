import { mkdirSync, writeFileSync } from 'node:fs';
import { basename, dirname, resolve } from 'node:path';
import { Heurist } from '@heurist/core';
import type { WorkflowDefinition } from '@heurist/core/definition';
import { checkAddress, checkKey } from '../network/connection.ts';
import { type Context, explained } from '../network/explain-error.ts';
import type { StartDevNetwork } from '../network/local-network.ts';
import { requireReachable } from '../network/require-reachable.ts';
import { startNetwork } from '../network/start-network.ts';
import { checkFolder } from '../output/check-folder.ts';
import { CommandError } from '../output/command-error.ts';
import { listenForStop } from '../system/until-stopped.ts';
import { type FoundTests, findTests } from '../testing/find-tests.ts';
import { junitXml } from '../testing/junit.ts';
import { endText, reportText } from '../testing/report-text.ts';
import { runTest, type TestReport } from '../testing/run-test.ts';

/** Options of `heurist workflow test`. */
export interface WorkflowTestOptions {
  /** A network to run on, with the key of the environment. Default: a local one. */
  url?: string;
  /** A ComfyUI to run on, beside a local network. Default: the CPU engine. */
  comfyui?: string;
  /** Where to write JUnit's XML. */
  junit?: string;
  output: string;
  /** In seconds. */
  timeout: number;
  update?: boolean;
  allowInsecureHttp?: boolean;
}

/** Runs the tests of a workflow package, and prints what came. Throws if one fails. */
export async function workflowTest(
  target: string,
  options: WorkflowTestOptions,
  known: readonly WorkflowDefinition[],
  startLocalNetwork?: StartDevNetwork,
): Promise<void> {
  const found = await findTests(target, known);
  checkFolder(options.output, { flag: '--output', what: 'Outputs' });
  if (options.junit) checkFolder(dirname(options.junit), { flag: '--junit', what: 'The report' });
  const stop = listenForStop();
  try {
    const reports = await onNetwork(found, options, startLocalNetwork, stop.signal, async (heurist, context) => {
      return await explained(context, () => runAll(heurist, found, options, stop.signal));
    });
    if (options.junit) writeJunit(options.junit, found.file, reports);
    end(reports);
  } finally {
    stop.ignore();
  }
}

async function runAll(
  heurist: Heurist,
  { file, cases }: FoundTests,
  { output, timeout, update = false }: WorkflowTestOptions,
  signal: AbortSignal,
): Promise<TestReport[]> {
  const reports: TestReport[] = [];
  for (const [index, { test, definition }] of cases.entries()) {
    const run = { number: index + 1, heurist, folder: dirname(file), output, timeout, update, signal };
    const report = await runTest(definition, test, run);
    process.stdout.write(reportText(report));
    reports.push(report);
  }
  return reports;
}

type Work = (heurist: Heurist, context: Context) => Promise<TestReport[]>;

async function onNetwork(
  { cases }: FoundTests,
  { url, comfyui, allowInsecureHttp = false, timeout }: WorkflowTestOptions,
  startLocalNetwork: StartDevNetwork | undefined,
  signal: AbortSignal,
  work: Work,
): Promise<TestReport[]> {
  if (url) {
    const address = { name: '--url', value: url };
    checkAddress(address, allowInsecureHttp);
    const apiKey = checkKey({ name: 'HEURIST_API_KEY', value: process.env.HEURIST_API_KEY });
    const context = { address, key: 'HEURIST_API_KEY', timeout };
    await explained(context, () => requireReachable(url, signal));
    return await work(new Heurist({ workflowURL: url, apiKey, allowInsecureHttp }), context);
  }
  const workflows = [...new Set(cases.map(({ definition }) => definition))];
  const wayOut = 'pass --comfyui with the address of a ComfyUI, or --url with that of a network';
  const network = await startNetwork({ workflows, comfyui, command: 'workflow test', wayOut }, startLocalNetwork);
  try {
    return await work(new Heurist({ workflowURL: network.url, apiKey: network.apiKey }), { timeout });
  } finally {
    await network.close();
  }
}

function writeJunit(path: string, file: string, reports: readonly TestReport[]): void {
  mkdirSync(dirname(resolve(path)), { recursive: true });
  writeFileSync(path, junitXml(basename(dirname(file)), reports));
}

/** @throws {CommandError} if a test has failed */
function end(reports: readonly TestReport[]): void {
  const text = endText(reports);
  if (reports.some(({ misses }) => misses.length)) throw new CommandError(text, { code: 'invalid_input' });
  process.stdout.write(`${text}\n`);
}
