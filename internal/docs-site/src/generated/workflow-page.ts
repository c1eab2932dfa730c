import { formatBytes, optionsTable, table } from '@heurist/cli/options-table';
import type { ModelRequirement, WorkflowDefinition, WorkflowFamily } from '@heurist/core/definition';
import type { Page } from '@heurist/docs/pages';
import { termsOf } from '@heurist/model-files/terms';
import { costs } from './costs.ts';
import { recipes } from './pictures.ts';

/**
 * The page of a family: `docs/workflows/<name>.md`.
 *
 * @param readme - of its package, for how to install it and the shortest program
 */
export function workflowPage(family: WorkflowFamily, readme: Page): string {
  const { name, title, definitions } = family;
  const [install, program] = readme.fences;
  return `${[
    `# ${title}`,
    fence('sh', install!.code),
    fence('ts', program!.code),
    ...pictureOf(family),
    `More about the package: [\`@heurist/${name}\`](../../packages/workflows/${name}). Each graph has its own options; these are the ones of its schema.`,
    ...definitions.map((definition) => graphSection(family, definition)),
  ].join('\n\n')}\n`;
}

const fence = (language: string, code: string) => `\`\`\`${language}\n${code}\n\`\`\``;

function pictureOf({ name, cpuId, definitions }: WorkflowFamily): string[] {
  const recipe = recipes[name];
  if (!recipe)
    return [
      `No picture here: ${definitions.length > 1 ? 'its graphs need' : 'its graph needs'} a GPU with the models below, and this page shows only what this project made itself.`,
    ];
  const given = Object.entries({ ...recipe.files, ...recipe.options }).map(
    ([option, value]) => `\`${option}: ${JSON.stringify(value)}\``,
  );
  const needsGpu = definitions
    .filter(({ workflow_id }) => workflow_id !== cpuId)
    .map(({ workflow_id }) => `\`${workflow_id}\``);
  return [
    `![What it makes](pictures/${name}.webp)`,
    `_Made by \`${cpuId}\` on a CPU, from ${given.join(', ')}: the same values make the same picture._${needsGpu.length ? ` The other graphs (${needsGpu.join(', ')}) need a GPU; none of their work is shown here.` : ''}`,
  ];
}

function graphSection({ defaultId, cpuId, definitions }: WorkflowFamily, definition: WorkflowDefinition): string {
  const { workflow_id, title, requirements } = definition;
  const marks = [
    ...(workflow_id === defaultId && definitions.length > 1 ? ['default'] : []),
    workflow_id === cpuId ? 'runs on a CPU' : 'needs a GPU',
  ];
  const models = requirements.models.map(modelRow);
  const bytes = requirements.models.reduce((sum, model) => sum + (model.bytes ?? 0), 0);
  return [
    `## \`${workflow_id}\`: ${title}`,
    `${capitalized(marks.join(', '))}.`,
    optionsTable(definition),
    `![The graph of ${workflow_id}](graphs/${workflow_id}.svg)`,
    `_${Object.keys(definition.graph).length} nodes; below the class of a node are the options that set it._`,
    `Models on the miner (${formatBytes(bytes)} in all):`,
    table([['file', 'size', 'licence'], ...models]),
    costOf(workflow_id),
  ].join('\n\n');
}

const capitalized = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);

function costOf(workflow_id: string): string {
  const known = costs[workflow_id];
  if (!known) return 'How much GPU memory and time it takes: no figure with a source is known.';
  return `What it takes:\n\n${known.map(({ takes, by, source }) => `- ${takes}, [${by}](${source}).`).join('\n')}`;
}

function modelRow(model: ModelRequirement): string[] {
  const { folder, filename, url, bytes } = model;
  const terms = termsOf(model);
  const name = `\`${folder}/${filename}\``;
  const licence = terms ? `[${terms.licence}](${terms.source})` : 'not checked: no source found';
  return [url ? `[${name}](${url})` : name, bytes ? formatBytes(bytes) : '', licence];
}
