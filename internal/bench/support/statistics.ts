/** Median and range, since machines are noisy. */
export function summarize(values: number[], decimals = 0): { median: number; text: string } {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.slice(Math.ceil(sorted.length / 2) - 1, Math.floor(sorted.length / 2) + 1);
  const median = middle.reduce((sum, value) => sum + value, 0) / middle.length;
  const digits = { minimumFractionDigits: decimals, maximumFractionDigits: decimals };
  const format = (value: number | undefined) => (value ?? Number.NaN).toLocaleString('en', digits);
  return { median, text: `${format(median)} (${format(sorted[0])} to ${format(sorted.at(-1))})` };
}

/** Prints rows with aligned columns. */
export function printTable(rows: string[][]): void {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  for (const row of rows) console.log(row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  '));
}
