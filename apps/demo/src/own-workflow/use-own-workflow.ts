import { useRef, useState } from 'react';
import { size } from '../lib/words.ts';
import { type Choices, NO_CHOICES } from './choices.ts';
import type { Finding, OpenedFile } from './finder.ts';
import { bytesOf, MOST_BYTES, nameOf, type Source, sizeOf } from './read-source.ts';

type Finder = typeof import('./finder.ts');

/** Why a file cannot be used, and what may help. */
export interface Refusal {
  message: string;
  /** Whether a ComfyUI that has its nodes may help: the command can ask one. */
  needsServer: boolean;
  /** Nodes of which one may be the output. */
  ends: readonly { node: string; class_type: string }[];
}

/** What was read, and what is shown of it. */
export interface Work {
  finder: Finder;
  opened: OpenedFile;
  choices: Choices;
  finding: Finding;
}

/** Makes a change. If it cannot be made, everything stays as it was, and the reason comes back. */
export type Change = (choices: Choices) => string | undefined;

/** What the page shows. */
export type OwnWorkflow =
  | { phase: 'empty' }
  | { phase: 'reading'; name: string }
  | {
      phase: 'refused';
      name: string;
      refusal: Refusal;
      /** Tries it with an output that was chosen. */
      choose?: (node: string) => void;
    }
  | { phase: 'found'; name: string; source: Source; work: Work };

/** A visitor's own file: reads it here, and finds what will be options. */
export function useOwnWorkflow() {
  const [state, setState] = useState<OwnWorkflow>({ phase: 'empty' });
  // another file may come before the first has been read
  const latest = useRef<Source>(undefined);

  async function read(source: Source): Promise<void> {
    latest.current = source;
    const name = nameOf(source);
    setState({ phase: 'reading', name });
    const next = await stateOf(source, name, setState);
    if (latest.current === source) setState(next);
  }

  const change: Change = (choices) => {
    if (state.phase !== 'found') return undefined;
    const { work } = state;
    try {
      const finding = work.finder.findOptions(work.opened, choices);
      setState({ ...state, work: { ...work, choices, finding } });
      return undefined;
    } catch (error) {
      return refusalOf(error).message;
    }
  };

  return { state, read, change };
}

async function stateOf(source: Source, name: string, show: (state: OwnWorkflow) => void): Promise<OwnWorkflow> {
  if (sizeOf(source) > MOST_BYTES) return { phase: 'refused', name, refusal: tooLarge(name, sizeOf(source)) };
  const finder = await import('./finder.ts').catch(() => undefined);
  if (!finder)
    return { phase: 'refused', name, refusal: plain('This page could not load the finder. Reload the page.') };
  try {
    const opened = await finder.openFile(await bytesOf(source), name);
    return found({ finder, opened, source, show }, NO_CHOICES);
  } catch (error) {
    return { phase: 'refused', name, refusal: refusalOf(error) };
  }
}

interface Opening {
  finder: Finder;
  opened: OpenedFile;
  source: Source;
  show(state: OwnWorkflow): void;
}

function found(opening: Opening, choices: Choices): OwnWorkflow {
  const { finder, opened, source, show } = opening;
  const { name } = opened;
  try {
    const work = { finder, opened, choices, finding: finder.findOptions(opened, choices) };
    return { phase: 'found', name, source, work };
  } catch (error) {
    const choose = (node: string) => show(found(opening, { ...NO_CHOICES, outputs: [node] }));
    return { phase: 'refused', name, refusal: refusalOf(error), choose };
  }
}

const plain = (message: string): Refusal => ({ message, needsServer: false, ends: [] });

const tooLarge = (name: string, bytes: number): Refusal =>
  plain(
    `"${name}" has ${size(bytes)}; this page reads files of up to ${size(MOST_BYTES)}. Use the command, which takes larger ones, or export the graph from ComfyUI.`,
  );

/** Longer messages quote a file that is made to fill the page. */
const LONGEST_MESSAGE = 2000;

function refusalOf(error: unknown): Refusal {
  const { message, needsServer = false, ends = [] } = error as Error & Partial<Refusal>;
  return { message: message.slice(0, LONGEST_MESSAGE), needsServer, ends };
}
