import { launchBrowser } from '@heurist/test-servers/browser';
import type { Browser, Page } from 'playwright-core';

/** Parts of the page's `window.app`, the editor of ComfyUI. */
interface EditorApp {
  vueAppReady?: boolean;
  loadGraphData(graph: unknown, clean: boolean, restoreView: boolean): Promise<void>;
  graphToPrompt(): Promise<{ output: unknown }>;
}

/** Reloads of the page keep what the editor holds of earlier graphs from slowing it down. */
const GRAPHS_PER_PAGE = 200;

/** The editor that a ComfyUI serves, in a browser without a window. */
export class Editor {
  readonly #browser: Browser;
  readonly #url: string;
  #page: Page | undefined;
  #used = 0;

  private constructor(browser: Browser, url: string) {
    this.#browser = browser;
    this.#url = url;
  }

  /** @throws {Error} if this machine has no browser */
  static async open(url: string): Promise<Editor> {
    const browser = await launchBrowser();
    if (!browser) throw new Error('No browser: set CHROMIUM_PATH to a Chromium.');
    return new Editor(browser, url);
  }

  /** What "Export (API)" writes for a graph. */
  async export(graph: unknown): Promise<unknown> {
    const page = await this.#pageForNext();
    return page.evaluate(async (graph) => {
      const { app } = globalThis as unknown as { app: EditorApp };
      await app.loadGraphData(graph, true, false);
      return (await app.graphToPrompt()).output;
    }, graph);
  }

  async close(): Promise<void> {
    await this.#browser.close();
  }

  async #pageForNext(): Promise<Page> {
    if (this.#page && this.#used++ % GRAPHS_PER_PAGE) return this.#page;
    await this.#page?.close();
    this.#page = await this.#browser.newPage({ viewport: { width: 320, height: 240 } });
    await this.#page.goto(this.#url);
    await this.#page.waitForFunction(() => (globalThis as unknown as { app?: EditorApp }).app?.vueAppReady);
    return this.#page;
  }
}
