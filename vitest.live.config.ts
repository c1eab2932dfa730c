import { defineConfig } from 'vitest/config';
import { sources } from './vitest.shared.ts';

// Tests against a real ComfyUI: `COMFYUI_URL=... npm run pnpm -- run test:comfyui`; `COMFYUI_FOLDER=... ... warm` starts two by
// itself. `npm run test:all` runs those whose variable is set.
export default defineConfig({
  ...sources,
  test: { include: ['packages/{*,network/*}/test/live/*.live.ts'], testTimeout: 300_000, hookTimeout: 300_000 },
});
