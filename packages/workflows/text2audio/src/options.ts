import { cfg, decimal, options, seed, steps, text } from '@heurist/core/parameters';
import * as z from 'zod/mini';

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
const song: SongShape = {
  tags: text('style, instruments and mood').check(z.minLength(1, { error: 'must not be empty: describe the music' })),
  lyrics: z.optional(text('lyrics')),
  lyrics_strength: z.optional(decimal({ min: 0, max: 10 })),
  seconds: z.optional(decimal({ min: 1, max: 240 })),
};

/** Workflow id -> schema of its options. */
export const text2audioOptions = { 'ace-step': options(song, steps(), cfg(), seed()) };
