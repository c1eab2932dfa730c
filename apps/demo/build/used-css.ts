import { PurgeCSS } from 'purgecss';

/**
 * What remains of a style sheet without the rules whose classes no script names: the component library brings the rules of all of its
 * components. Tags and attributes do not count, since attributes are put together from parts.
 */
export async function keepUsedCss(css: string, scripts: readonly string[]): Promise<string> {
  const besidesClasses = css.replaceAll(/\.[\w-]+/g, ' ');
  const content = [...scripts, besidesClasses].map((raw) => ({ raw, extension: 'js' }));
  const [result] = await new PurgeCSS().purge({ content, css: [{ raw: css }] });
  return result?.css ?? css;
}
