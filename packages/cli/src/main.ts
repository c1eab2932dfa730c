#!/usr/bin/env node
import { existsSync } from 'node:fs';
import { createProgram } from './program.ts';

if (existsSync('.env')) process.loadEnvFile('.env');
try {
  await createProgram().parseAsync();
  process.exit();
} catch (error) {
  // one line for people; programs use the SDK, whose errors have codes
  process.stderr.write(`error: ${(error as Error).message}\n`);
  process.exit(1);
}
