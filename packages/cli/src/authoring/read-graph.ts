import { readFileSync } from 'node:fs';
import type { Graph } from '@heurist/core/definition';
import { type KnownNodes, recordedNodes } from '@heurist/graph-plan/from-editor';
import { readGraphFile } from '@heurist/graph-plan/read-graph';
import { CommandError } from '../output/command-error.ts';

/**
 * Reads the graph of a file.
 *
 * @param known - the node classes that a file of the editor may use; default: those of ComfyUI itself
 * @throws {HeuristError} `invalid_input` if the file cannot be read or has no graph; says how to get one
 */
export async function readGraph(path: string, known: KnownNodes = recordedNodes): Promise<Graph> {
  return (await readGraphFile(readBytes(path), path, known)).graph;
}

/** @throws {CommandError} `invalid_input` if a file cannot be read */
export function readBytes(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const problem =
      code === 'EISDIR' ? 'is a folder. Pass the file of a graph.' : `cannot be read (${code}). Check the path.`;
    throw new CommandError(`"${path}" ${problem}`, { code: 'invalid_input', cause });
  }
}
