#!/usr/bin/env node
import { requireNode } from '@heurist/server-kit/require-node';

requireNode();
const { runHeurist } = await import('./run-heurist.ts');
process.exit(await runHeurist(process.argv.slice(2)));
