import { runHeurist } from '@heurist/cli';
import { type Place, runHere, startScript } from '@heurist/test-servers/commands';
import { startLocalNetwork } from '../src/index.ts';

const pathOf = (path: string) => new URL(path, import.meta.url).pathname;

/** Starts `npx @heurist/dev`. */
export const startDev = (args: string[], place: Place) => startScript(pathOf('../src/main.ts'), args, place);

/** Starts a network that can be killed. */
export const startNetwork = (args: string[], place: Place) => startScript(pathOf('./network-process.ts'), args, place);

/** Starts `heurist` as a process of its own. It finds no `@heurist/dev`. */
export const startCli = (args: string[], place: Place) => startScript(pathOf('../../cli/src/main.ts'), args, place);

/** Runs `heurist` to its end, in this process. */
export const runCli = (args: string[], place: Place) => runHere(() => runHeurist(args, { startLocalNetwork }), place);
