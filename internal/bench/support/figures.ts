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
