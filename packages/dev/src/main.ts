#!/usr/bin/env node
// `npx @heurist/dev` is `heurist dev`.
import { requireNode } from '@heurist/server-kit/require-node';

requireNode();
const { default: manifest } = await import('../package.json', { with: { type: 'json' } });
const { runHeurist } = await import('@heurist/cli');
const { startLocalNetwork } = await import('./start-local-network.ts');
process.exit(await runHeurist(['dev', ...process.argv.slice(2)], { startLocalNetwork, version: manifest.version }));
