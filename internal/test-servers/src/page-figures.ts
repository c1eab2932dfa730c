import { readFileSync, writeFileSync } from 'node:fs';

/** A figure on a page: its number stands between two marks, which readers do not see. */
const MARK = /<!-- figure ([\w-]+) -->([\d.]+)<!-- \/figure -->/g;

/** The figures of a page, by name. */
export function readFigures(page: string): Map<string, number> {
  return new Map([...page.matchAll(MARK)].map(([, name, figure]) => [name!, Number(figure)]));
}

/**
 * Puts figures between their marks, with one decimal.
 *
 * @throws {Error} for a mark that has no figure, and for a figure that has no mark
 */
export function withFigures(page: string, figures: Readonly<Record<string, number>>): string {
  const missing = Object.keys(figures).filter((name) => !readFigures(page).has(name));
  if (missing.length)
    throw new Error(`The page has no mark for ${missing.join(', ')}: <!-- figure NAME -->0<!-- /figure -->`);
  return page.replaceAll(MARK, (_, name: string) => {
    const figure = figures[name];
    if (figure === undefined) throw new Error(`Nothing measures "${name}".`);
    return `<!-- figure ${name} -->${figure.toFixed(1)}<!-- /figure -->`;
  });
}

/**
 * Puts a table between its marks, `<!-- table NAME -->` and `<!-- /table -->`.
 *
 * @param rows - the first is the head
 * @throws {Error} if the page has no such marks
 */
export function withTable(page: string, name: string, rows: readonly string[][]): string {
  const [begin, end] = [`<!-- table ${name} -->`, '<!-- /table -->'];
  const from = page.indexOf(begin);
  const to = page.indexOf(end, from);
  if (from < 0 || to < 0) throw new Error(`The page has no marks for a table: ${begin} and ${end}.`);
  return `${page.slice(0, from)}${begin}\n\n${markdownTable(rows)}\n\n${page.slice(to)}`;
}

/**
 * Writes a table into a page of `docs/`.
 *
 * @param page - such as `scaling.md`
 */
export function writeTable(page: string, name: string, rows: readonly string[][]): void {
  const path = new URL(`../../../docs/${page}`, import.meta.url);
  writeFileSync(path, withTable(readFileSync(path, 'utf8'), name, rows));
}

/** @param rows - the first is the head */
export function markdownTable(rows: readonly string[][]): string {
  const [head = [], ...body] = rows;
  const widths = head.map((_, column) => Math.max(3, ...rows.map((row) => row[column]?.length ?? 0)));
  const line = (cells: string[]) => `| ${cells.map((cell, column) => cell.padEnd(widths[column]!)).join(' | ')} |`;
  return [head, widths.map((width) => '-'.repeat(width)), ...body].map(line).join('\n');
}
