import { library } from '@heurist/build';

export default {
  ...library(['src/index.ts']),
  // Jest runs CommonJS without a loader for `import()`
  esbuildOptions(options: { supported?: Record<string, boolean> }, { format }: { format: string }) {
    if (format === 'cjs') options.supported = { ...options.supported, 'dynamic-import': false };
  },
};
