#!/usr/bin/env node
import { existsSync } from 'node:fs';
import { loadWorkflows, takeWorkflowOptions } from './load-workflows.ts';
import { createProgram } from './program.ts';
import { workflows } from './workflows.ts';

if (existsSync('.env')) process.loadEnvFile('.env');
try {
  const { sources, rest } = takeWorkflowOptions(process.argv.slice(2));
  await createProgram(await loadWorkflows(sources, workflows)).parseAsync(rest, { from: 'user' });
  process.exit();
} catch (error) {
  // one line for people; programs use the SDK, whose errors have codes
  process.stderr.write(`error: ${(error as Error).message}\n`);
  process.exit(1);
}
