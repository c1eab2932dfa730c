import react from '@vitejs/plugin-react';
import { defaultClientConditions, defineConfig } from 'vite';
import { prerender } from './build/prerender.ts';
import { themeFirst } from './build/theme-first.ts';
import { tidyPage } from './build/tidy-page.ts';

export default defineConfig({
  plugins: [react(), themeFirst(), prerender(), tidyPage()],
  // the workspace's own packages are read from their sources: they need not be built
  resolve: { conditions: ['@heurist/source', ...defaultClientConditions] },
  build: { outDir: 'dist/web', emptyOutDir: true, target: 'es2023' },
  // `vite` alone shows the page with hot reload, beside `npm run demo`
  server: { proxy: { '/api': 'http://127.0.0.1:8080' } },
});
