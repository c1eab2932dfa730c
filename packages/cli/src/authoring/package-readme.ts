import type { OptionPiece } from '@heurist/graph-plan/option-pieces';
import { planDefinition, type WorkflowPlan } from '@heurist/graph-plan/plan-workflow';
import { printCode } from '@heurist/graph-plan/print-code';
import { TEST_FILE } from '../testing/find-tests.ts';
import { OPTIONS_MARKS, withOptions } from '../workflows/options-table.ts';
import { taskOf } from './package-names.ts';
import { example } from './package-sources.ts';

/** The picture of its graph. */
export const PICTURE = 'graph.svg';

/**
 * The README of a created package.
 *
 * @param hasPicture - whether its graph is drawn
 */
export function readme(plan: WorkflowPlan, pieces: OptionPiece[], hasPicture: boolean): string {
  const { name, makes, task_type, graph } = plan;
  const picture = hasPicture
    ? `![The graph of ${name}: ${Object.keys(graph).length} nodes, from inputs to outputs](${PICTURE})\n\n`
    : '';
  const task = taskOf(plan);
  const upload = plan.parameters.some(({ file }) => file)
    ? "File options take a URL, a Blob, bytes, a stream, or `file('photo.jpg')` of `@heurist/core/node`.\n\n"
    : '';
  const definition = planDefinition(plan, pieces);
  return withOptions(
    `# ${name}

\`\`\`sh
npm install @heurist/core ${name}
\`\`\`

\`\`\`ts
import { Heurist } from '@heurist/core';
import { ${task} } from '${name}';

const heurist = new Heurist();
const { ${makes} } = await heurist.workflow.run(new ${task}(${printCode(example(plan), 0)}));
console.log(${makes === 'text' ? 'text' : `${makes}.url`});
\`\`\`

Until the package is published, install it from its folder: \`npm install @heurist/core ./${name}\`.

${upload}${picture}## Options

${OPTIONS_MARKS}

## Test it

\`\`\`sh
npm install && npm run build
npm test                    # options, graph and bindings fit together
npm run test:workflow       # runs ${TEST_FILE} and checks what comes; on your ComfyUI: -- --comfyui http://127.0.0.1:8188
\`\`\`

## Run it

\`\`\`sh
npx @heurist/dev --workflow .       # a local network, if the CPU engine supports the nodes
npx @heurist/cli sequencer --workflow .
npx @heurist/cli miner --workflow . --sequencer http://127.0.0.1:8787 --comfyui http://127.0.0.1:8188
\`\`\`

The sequencer and each miner need the package; the miner runs next to a ComfyUI.

Without this package, submit \`task_type: '${task_type}'\` with \`workflow_id: '${name}'\`.
`,
    [definition],
  );
}
