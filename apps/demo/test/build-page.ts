import { resolve } from 'node:path';
import { build } from 'vite';

/** Builds the page from its source, as `npm run demo` does. */
export async function buildPage(webDir: string): Promise<void> {
  const root = resolve(import.meta.dirname, '..');
  // with the test runner's value, development builds of the libraries would be bundled
  const { NODE_ENV } = process.env;
  process.env.NODE_ENV = 'production';
  await build({ root, logLevel: 'error', build: { outDir: webDir, emptyOutDir: true } });
  process.env.NODE_ENV = NODE_ENV;
}
