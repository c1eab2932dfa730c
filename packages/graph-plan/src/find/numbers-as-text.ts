import type { Graph } from '@heurist/core/definition';
import { parsePythonNumber } from '@heurist/server-kit/python-numbers';
import type { NodeShapes, WidgetShape } from '@heurist/ui-graph/node-shapes';
import { isSeed } from './find-seeds.ts';
import type { Note } from './graph-plan.ts';
import { settings } from './settings-table.ts';
import { lastName, widgetOf } from './widget-of.ts';

/**
 * A graph in which numbers that are written as text are numbers, as ComfyUI reads them. Where a tool would have put a number in, as
 * for `%seed%`, stands the default of the node: ComfyUI would refuse the text.
 */
export function withNumbers(graph: Graph, shapes: NodeShapes): { graph: Graph; notes: Note[] } {
  const notes: Note[] = [];
  const read = Object.entries(graph).map(([node, source]) => {
    const inputs = Object.entries(source.inputs).map(([input, value]) => {
      if (typeof value !== 'string') return [input, value];
      const widget = widgetOf(shapes, source, input);
      const type = widget?.type ?? typeByName(input);
      if (type !== 'INT' && type !== 'FLOAT') return [input, value];
      const number = parsePythonNumber(value, 'FLOAT');
      // JSON has no infinity
      if (Number.isFinite(number) && (type === 'FLOAT' || Number.isInteger(number))) return [input, number];
      const preset = PLACEHOLDER.test(value) ? presetOf(input, widget) : undefined;
      const instead = preset === undefined ? '' : ` ${preset} stands there now.`;
      const message = `${input} of node ${node} is ${JSON.stringify(value)}, which is no number: ComfyUI refuses it.${instead}`;
      notes.push({ node, input, message });
      return [input, preset ?? value];
    });
    return [node, { ...source, inputs: Object.fromEntries(inputs) }];
  });
  return { graph: Object.fromEntries(read), notes };
}

/** What a tool would have put a value in for: `%seed%`, `{{seed}}`, `${seed}`, or nothing. */
const PLACEHOLDER = /^\s*(%\w+%|\{\{.*\}\}|\$\{.*\})?\s*$/;

function presetOf(input: string, widget: WidgetShape | undefined): number | undefined {
  return typeof widget?.default === 'number' ? widget.default : isSeed(input) ? 0 : undefined;
}

/** For classes that are not known. */
function typeByName(input: string): 'INT' | 'FLOAT' | undefined {
  if (isSeed(input)) return 'INT';
  const kind = settings.get(lastName(input))?.kind;
  return kind && kind !== 'text' && kind !== 'choice' ? 'FLOAT' : undefined;
}
