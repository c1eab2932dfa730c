import { type Stage, settings } from '../cell.ts';
import { runProgram } from '../processes.ts';

/** What the page of these cells does, for the table. */
export const PAGE = 'a page calls through its server, and with a session until it is revoked; who may not is refused';

/** What a page does with the handler at this address. Browsers run the same code; here it is Node. */
export async function usePage(stage: Stage, base: string): Promise<void> {
  const printed = await runProgram(process.execPath, ['page.ts', base], { cwd: stage.app, env: settings(stage) });
  if (!printed.endsWith('done\n')) throw new Error(`The page ended too soon:\n${printed}`);
}

/** @throws {Error} with what a program inside of a server says */
export async function expectDone(url: string): Promise<void> {
  const text = await (await fetch(url, { method: 'POST' })).text();
  if (text !== 'done') throw new Error(text);
}
