/** What is mutated, and by which tests it is judged. */
export interface Target {
  /** Folder of the package. */
  folder: string;
  /** Sources, as globs within the folder. */
  mutate: string[];
  /** Tests left out: they start processes or servers that a mutant does not reach, and take minutes. */
  slow: string[];
}

const without = ['!src/**/*.test.ts', '!src/index.ts'];

/** The packages whose rules must each have a test that notices. */
export const targets: Record<string, Target> = {
  core: { folder: 'packages/core', mutate: ['src/**/*.ts', ...without], slow: [] },
  comfyui: { folder: 'packages/network/comfyui', mutate: ['src/**/*.ts', ...without], slow: [] },
  miner: {
    folder: 'packages/network/miner',
    mutate: ['src/**/*.ts', ...without],
    // whole networks: each rule they pass through has a quick test beside its code
    slow: ['test/{faults,miner}.test.ts'],
  },
  sequencer: {
    folder: 'packages/network/sequencer',
    mutate: ['src/{tasks,access,files}/**/*.ts', ...without],
    // whole sequencers repeat what the tests beside the sources show
    slow: ['test/**'],
  },
};
