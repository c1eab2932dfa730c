import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import type { Page } from 'playwright-core';
import type { TaskEntry } from '../src/data/task-list.ts';
import { softGlow } from '../test/own-workflow-files.ts';
import { untilPicturesShow, type Visitor } from '../test/visitor.ts';
import type { Scene } from './scene.ts';

/** A page, and what is on it once it shows all. */
export interface ShownPage {
  path: string;
  /** It has no scripts. */
  isPlain?: true;
  /** A file that is brought to it. */
  file?: string;
  shows: string;
}

/** Where pictures are taken. */
export interface Stand {
  url: string;
  /** Where visitors sign in. */
  teamUrl: string;
  visitor: Visitor;
  scene: Scene;
  /** Of an upscaled picture. */
  upscaled: string;
}

/** A sheet of each, by the name of its file: `docs/studio/<name>.webp`. */
export const pagesOf = ({ upscaled }: Stand): Readonly<Record<string, ShownPage>> => ({
  home: { path: '/', shows: '.abilities' },
  create: { path: '/make/text2image', shows: '.stage-foot .result-bar' },
  gallery: { path: '/gallery', shows: 'article img' },
  chains: { path: '/chains', shows: '#your-chains' },
  chain: { path: '/chains/castle', shows: '.step-panel img' },
  task: { path: `/tasks/${upscaled}`, shows: '[data-program]' },
  'your-workflow': { path: '/your-workflow', file: softGlow, shows: '[data-option]' },
  network: { path: '/network', shows: 'table' },
  'sign-in': { path: '/sign-in?reason=none', isPlain: true, shows: '.sign-in-card' },
});

export const WINDOWS = [
  { width: 1440, height: 900 },
  { width: 1280, height: 800 },
  { width: 390, height: 844 },
] as const;
export const THEMES = ['light', 'dark'] as const;

/** As people see the page: nothing moves, and pictures that are in sight are there. */
export async function openPage(stand: Stand, { path, isPlain, file, shows }: ShownPage): Promise<Page> {
  const { url, teamUrl, visitor } = stand;
  const { page } = visitor;
  if (isPlain) await page.goto(teamUrl + path);
  else await visitor.open(url + path);
  if (file) await visitor.upload(basename(file), readFileSync(file), 'application/json');
  await page.locator(shows).first().waitFor();
  await untilPicturesShow(page);
  // what has a transition has ended
  await page.waitForTimeout(500);
  return page;
}

/** Pictures of README.md and of the README here: `docs/demo-<name>.webp`. */
export const pictures: Readonly<Record<string, (stand: Stand) => Promise<Buffer>>> = {
  first: (stand) => shoot(stand, pagesOf(stand).home!),
  make: shootWithQueue,
  result: (stand) => shoot(stand, pagesOf(stand).task!),
};

async function shoot(stand: Stand, shown: ShownPage): Promise<Buffer> {
  const { page } = stand.visitor;
  await page.emulateMedia({ colorScheme: 'dark', reducedMotion: 'reduce' });
  await page.setViewportSize({ width: 1280, height: 820 });
  return await (await openPage(stand, shown)).screenshot();
}

/** A finished picture, and below it one task that runs and three that wait. */
async function shootWithQueue(stand: Stand): Promise<Buffer> {
  const { scene, visitor } = stand;
  const open: TaskEntry[] = [];
  const add = async (family: string, workflow_id: string, options: TaskEntry['options']) => {
    const task_id = await scene.submit(family, workflow_id, options);
    // behind all others: what has finished stays the one that is shown
    open.unshift({ task_id, family, workflow_id, options, created_at: Date.now() });
  };
  await add('upscaler', 'upscaler', { image_url: { task_id: stand.upscaled, output: 0 } });
  for (const prompt of [
    'an owl on a purple background',
    'panda on a green background',
    'a tulip on a yellow background',
  ])
    await add('text2image', 'tiny', { prompt });
  try {
    await scene.remember(visitor.page, [...scene.tasks, ...open]);
    return await shoot(stand, { path: '/make/text2image', shows: '.queued img' });
  } finally {
    for (const { task_id } of open) await scene.cancel(task_id);
    await scene.remember(visitor.page);
  }
}
