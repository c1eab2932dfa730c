// The package that docs/your-own-workflow.md makes.
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { runHeurist } from '@heurist/cli';
import { runHere } from '@heurist/test-servers/commands';
import { root } from './pages.ts';

export const OWN_WORKFLOW = 'docs/your-own-workflow.md';

/** A folder in which `soft-glow` was created. */
export interface OwnWorkflow {
  folder: string;
  /** For `checkPrograms`: where programs find it. */
  packages: Record<string, string[]>;
  remove(): void;
}

/** Creates it, below this package, whose node_modules it needs. */
export async function createOwnWorkflow(): Promise<OwnWorkflow> {
  const out = join(root, 'internal/docs/out');
  mkdirSync(out, { recursive: true });
  const folder = mkdtempSync(join(out, 'own-'));
  const args = ['workflow', 'create', join(root, 'docs/your-own-workflow/soft-glow.json'), '--name', 'soft-glow'];
  const { code, stderr } = await runHere(() => runHeurist(args), { cwd: folder });
  if (code) throw new Error(`The package of ${OWN_WORKFLOW} cannot be created: ${stderr}`);
  return {
    folder,
    packages: { 'soft-glow': [join(folder, 'soft-glow/src/index.ts')] },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
