#!/usr/bin/env node
import { runHeurist } from './run-heurist.ts';

process.exit(await runHeurist(process.argv.slice(2)));
