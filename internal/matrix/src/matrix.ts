import { type Cell, type Stage, Unavailable } from './cell.ts';

/** How a cell ended. */
export interface Outcome {
  cell: Cell;
  state: 'passed' | 'failed' | 'skipped';
  /** What went wrong, or why it was skipped. */
  why?: string | undefined;
  seconds: number;
}

/** Cells that run at the same time: most wait for a process. */
const LANES = 2;

/** Runs cells in their order, and reports each as it ends. */
export async function runCells(
  cells: readonly Cell[],
  stage: Stage,
  report: (outcome: Outcome) => void,
): Promise<Outcome[]> {
  const left = [...cells];
  const outcomes: Outcome[] = [];
  const lane = async () => {
    for (let cell = left.shift(); cell; cell = left.shift()) {
      const outcome = await runCell(cell, stage);
      outcomes.push(outcome);
      report(outcome);
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  return outcomes.toSorted((a, b) => cells.indexOf(a.cell) - cells.indexOf(b.cell));
}

async function runCell(cell: Cell, stage: Stage): Promise<Outcome> {
  const start = performance.now();
  const end = (state: Outcome['state'], error?: unknown): Outcome => ({
    cell,
    state,
    seconds: (performance.now() - start) / 1000,
    why: error instanceof Error ? error.message : undefined,
  });
  try {
    await cell.run(stage);
    return end('passed');
  } catch (error) {
    return end(error instanceof Unavailable ? 'skipped' : 'failed', error);
  }
}
