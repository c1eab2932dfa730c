import { Heurist, HeuristError } from '@heurist/core';
import { printableLine } from '@heurist/core/protocol';
import { CommandError } from '../output/command-error.ts';
import { appConnection } from './connection.ts';
import { explained } from './explain-error.ts';

/** What a network said about the graphs that its miners run. */
export interface ServedGraphs {
  /** Address of the network. */
  url: string;
  ids: ReadonlySet<string>;
}

/**
 * Asks the network that the environment names which graphs its miners run.
 *
 * @param limitMs - how long it may take
 * @throws {CommandError} in one line, if there is no answer
 */
export async function askServedGraphs(limitMs: number, allowInsecureHttp: boolean): Promise<ServedGraphs> {
  const connection = appConnection(allowInsecureHttp);
  const url = connection.address.value!;
  const signal = AbortSignal.timeout(limitMs);
  try {
    const { workflows } = await explained(connection, () =>
      new Heurist({ allowInsecureHttp }).workflow.networkStatus({ signal }),
    );
    const served = workflows.filter(({ miners }) => miners > 0);
    return { url, ids: new Set(served.map(({ workflow_id }) => workflow_id)) };
  } catch (cause) {
    if (signal.aborted)
      throw new CommandError(`The network at ${url} did not answer within ${limitMs / 1000} s.`, { cause });
    if (CommandError.isInstance(cause) || !HeuristError.isInstance(cause)) throw cause;
    const said = printableLine(cause.message);
    throw new CommandError(`The network at ${url} does not say which graphs it runs: ${said}`, { cause });
  }
}
