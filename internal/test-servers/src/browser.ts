import { platform } from 'node:process';
import sparticuz from '@sparticuz/chromium';
import { type Browser, chromium } from 'playwright-core';

/** A test browser needs no GPU, and connects to this machine only. */
const flags = [
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--no-default-browser-check',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-domain-reliability',
  '--disable-sync',
  '--disable-default-apps',
  '--metrics-recording-only',
  '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost',
];

/**
 * Starts the Chromium of `CHROMIUM_PATH`, else the one in the npm package; without either, reports it and returns `undefined`.
 *
 * @param more - further flags
 */
export async function launchBrowser(more: readonly string[] = []): Promise<Browser | undefined> {
  try {
    return await chromium.launch({
      executablePath: process.env.CHROMIUM_PATH ?? (await packagedChromium()),
      // root, as in most CI containers, has no sandbox
      chromiumSandbox: process.getuid?.() !== 0,
      args: [...flags, ...more],
    });
  } catch (error) {
    console.error(`\nNO BROWSER: THE TESTS OF PAGES ARE SKIPPED.\n${(error as Error).message}\n`);
    return undefined;
  }
}

async function packagedChromium(): Promise<string> {
  if (platform !== 'linux') throw new Error('Set CHROMIUM_PATH to a Chromium: the packaged one runs on Linux only.');
  return await sparticuz.executablePath();
}
