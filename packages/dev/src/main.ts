#!/usr/bin/env node
// `npx @heurist/dev` is `heurist dev`.
import { runHeurist } from '@heurist/cli';
import { startLocalNetwork } from './start-local-network.ts';

process.exit(await runHeurist(['dev', ...process.argv.slice(2)], { startLocalNetwork }));
