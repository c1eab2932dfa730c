import {
  describeParameters,
  optionName,
  type ParameterDescription,
  type WorkflowDefinition,
} from '@heurist/core/definition';
import { formatBytes } from '../output/format-bytes.ts';
import { stepText } from './step-text.ts';

const START = '<!-- options -->';
const END = '<!-- /options -->';

/** The place of the tables, in a new README. */
export const OPTIONS_MARKS = `${START}\n${END}`;

/**
 * Puts the tables of options into a README, between its two marks.
 *
 * @throws {Error} when the marks are missing
 */
export function withOptions(readme: string, definitions: readonly WorkflowDefinition[]): string {
  const [start, end] = [readme.indexOf(START), readme.indexOf(END)];
  if (start < 0 || end < start) throw new Error(`README.md must contain the lines "${START}" and "${END}".`);
  const sections = definitions.map((definition, index) => section(definition, definitions.length > 1, index === 0));
  return `${readme.slice(0, start)}${START}\n\n${sections.join('\n\n')}\n\n${readme.slice(end)}`;
}

function section(definition: WorkflowDefinition, isOneOfMany: boolean, isDefault: boolean): string {
  const { workflow_id, title, requirements } = definition;
  const models = requirements.models.map(
    ({ folder, filename, bytes }) => `\`${folder}/${filename}\`${bytes ? ` (${formatBytes(bytes)})` : ''}`,
  );
  return [
    ...(isOneOfMany ? [`### \`${workflow_id}\`${isDefault ? ' (default)' : ''}`, `${title}.`] : []),
    optionsTable(definition),
    ...(models.length ? [`Models on the miner: ${models.join(', ')}.`] : []),
  ].join('\n\n');
}

/** The options of a graph with their ranges, as its schema has them. */
export function optionsTable(definition: WorkflowDefinition): string {
  const { properties, required } = describeParameters(definition);
  const rows = Object.entries(properties).map(([name, property]) => {
    const isFile = Object.hasOwn(definition.files, name);
    return [
      `\`${optionName(name, isFile)}\``,
      isFile ? 'file' : describeType(property),
      describeDefault(property, required.includes(name)),
      property.description ?? '',
    ];
  });
  return table([['option', 'takes', 'default', 'meaning'], ...rows]);
}

function describeType({
  type,
  enum: choices,
  minimum,
  maximum,
  multipleOf,
  ...property
}: ParameterDescription): string {
  if (choices) return choices.map((choice) => `\`${choice}\``).join(', ');
  if (type === 'string') return 'text';
  const kind = type === 'integer' ? 'whole number' : (type ?? 'anything');
  const last = maximum === Number.MAX_SAFE_INTEGER ? '2^53-1' : maximum;
  const range = minimum === undefined ? '' : `, ${minimum} to ${last}`;
  const step = multipleOf
    ? `, multiple of ${multipleOf}`
    : property['x-step']
      ? `, ${stepText(property['x-step'], minimum)}`
      : '';
  return kind + range + step;
}

function describeDefault({ default: value }: ParameterDescription, isRequired: boolean): string {
  if (isRequired) return 'required';
  if (value === undefined) return '';
  return typeof value === 'string' ? (value ? `"${value}"` : 'none') : String(value);
}

/** A Markdown table whose columns line up in an editor too. A row is a line: prompts have several, at times. */
export function table(rows: string[][]): string {
  const cells = rows.map((row) =>
    row.map((cell) => cell.replaceAll('|', '\\|').replaceAll(/\s*[\r\n\u2028\u2029]\s*/g, ' ')),
  );
  const widths = cells[0]!.map((_, column) => Math.max(3, ...cells.map((row) => row[column]!.length)));
  const line = (row: string[]) => `| ${row.map((cell, column) => cell.padEnd(widths[column]!)).join(' | ')} |`;
  const [head, ...body] = cells.map(line);
  return [head, `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`, ...body].join('\n');
}

export { formatBytes } from '../output/format-bytes.ts';
