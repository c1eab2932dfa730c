import { type Command, CommanderError } from 'commander';
import { askServedGraphs } from './network/served-graphs.ts';
import { CommandError } from './output/command-error.ts';
import { reasonOf } from './output/reason-of.ts';
import { createProgram } from './program/create-program.ts';
import type { ProgramOptions } from './program/program-options.ts';
import { flushTraces } from './system/flush-traces.ts';
import { readEnvironment } from './system/read-environment.ts';
import { chooseGraph } from './workflows/choose-graph.ts';
import { loadWorkflows, takeWorkflowOptions } from './workflows/load-workflows.ts';
import { nameGraph } from './workflows/name-graph.ts';
import { workflows } from './workflows/workflows.ts';

const ASK_LIMIT_MS = 2000;

/**
 * Runs the `heurist` command in this process, with the `.env` file of the current folder and the proxy of the environment. An error is one line on stderr.
 *
 * @param args - arguments after `heurist`
 * @returns the exit code
 */
export async function runHeurist(args: readonly string[], options: ProgramOptions = {}): Promise<number> {
  try {
    readEnvironment();
    const { sources, rest } = takeWorkflowOptions(args);
    const named = nameGraph(rest);
    const choice = await chooseGraph(named, (insecure) =>
      askServedGraphs(options.askLimitMs ?? ASK_LIMIT_MS, insecure),
    );
    // `dev` loads them itself, again and again
    const isDev = rest[0] === 'dev';
    const known = isDev ? workflows : await loadWorkflows(sources, workflows);
    const program = createProgram(known, { ...options, ...(isDev && { editedPackages: sources }) }, choice);
    throwInsteadOfExit(program);
    await program.parseAsync(named, { from: 'user' });
    return 0;
  } catch (error) {
    // commander has printed what it throws
    if (error instanceof CommanderError) return error.exitCode;
    // it may quote what a miner or a server sent
    const { code, exitCode } = CommandError.isInstance(error) ? error : { code: undefined, exitCode: 1 };
    process.stderr.write(`${code === 'aborted' ? '' : 'error: '}${reasonOf(error)}\n`);
    return exitCode;
  } finally {
    await flushTraces();
  }
}

function throwInsteadOfExit(command: Command): void {
  command.exitOverride();
  command.commands.forEach(throwInsteadOfExit);
}
