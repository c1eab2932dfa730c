import { expect } from 'vitest';
import type { Visitor } from './visitor.ts';

/** Checks a page in both themes, large and on a phone, and takes pictures of it. */
export async function checkLooks(visitor: Visitor, name: string): Promise<void> {
  const { page } = visitor;
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await page.setViewportSize({ width: 1280, height: 860 });
    expect(await visitor.violations()).toEqual([]);
    await visitor.shoot(`${name}-${colorScheme}`);
    await page.setViewportSize({ width: 360, height: 740 });
    expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBe(0);
    expect(await visitor.violations()).toEqual([]);
    await visitor.shoot(`${name}-${colorScheme}-phone`);
  }
  await page.setViewportSize({ width: 1280, height: 860 });
}
