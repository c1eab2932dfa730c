import { cfg, decimal, optional, options, perGraph, seed, steps, text } from '@heurist/core/parameters';
import type * as z from 'zod/mini';

type SongShape = {
  /** Style, instruments and mood, separated by commas: `lo-fi, piano, calm`. */
  tags: z.ZodMiniType<string, string>;
  /** Lyrics. `[verse]` and `[chorus]` mark sections, `[zh]` and so on languages. `[instrumental]` means no vocals. */
  lyrics: z.ZodMiniOptional<z.ZodMiniType<string, string>>;
  /** How closely to follow the lyrics. */
  lyrics_strength: z.ZodMiniOptional<z.ZodMiniType<number, number>>;
  /** Length in seconds. */
  seconds: z.ZodMiniOptional<z.ZodMiniType<number, number>>;
};
const song = (): SongShape => ({
  tags: text('style, instruments and mood', 'describe the music'),
  lyrics: optional(text('lyrics')),
  lyrics_strength: optional(decimal({ min: 0, max: 10 })),
  seconds: optional(decimal({ min: 1, max: 240 })),
});

/** Workflow id -> schema of its options. */
export const text2audioOptions = perGraph({ 'ace-step': () => options(song(), steps(), cfg(), seed()) });
