import { defineConfig } from 'vitest/config';
import { sources } from './vitest.shared.ts';

// Tests against a real ComfyUI: `COMFYUI_URL=... npm run pnpm -- run test:comfyui`. `npm run test:all` runs them where it is set.
export default defineConfig({
  ...sources,
  test: { include: ['packages/*/test/live/*.live.ts'], testTimeout: 300_000, hookTimeout: 120_000 },
});
