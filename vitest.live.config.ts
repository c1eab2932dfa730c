import { defaultServerConditions } from 'vite';
import { defineConfig } from 'vitest/config';

// Tests against a real ComfyUI: `COMFYUI_URL=... pnpm test:comfyui`. Not part of `npm test`.
const conditions = ['@heurist/source', ...defaultServerConditions];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: conditions } },
  test: { include: ['packages/*/test/live/*.live.ts'], testTimeout: 300_000, hookTimeout: 120_000 },
});
