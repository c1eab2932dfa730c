import { type Place, runHere, startScript } from '@heurist/test-servers/commands';
import { runHeurist } from '../src/run-heurist.ts';

const main = new URL('../src/main.ts', import.meta.url).pathname;

/** Starts the command as a process of its own. */
export const startCli = (args: string[], place: Place) => startScript(main, args, place);

/** Runs the command to its end, in this process. */
export const runCli = (args: string[], place: Place) => runHere(() => runHeurist(args), place);
