import { modelFile } from '@heurist/core/definition';

// a package of npm, which the engine of a local network brings along
const TINY = 'https://www.npmjs.com/package/@heurist/tiny-icons';

/** The model that runs on a CPU. */
export const tinyIcons = [modelFile('checkpoints', TINY, 24_000_000)];
