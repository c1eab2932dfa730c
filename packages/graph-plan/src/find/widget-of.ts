import type { GraphNode } from '@heurist/core/definition';
import type { NodeShapes, WidgetShape } from '@heurist/ui-graph/node-shapes';

/** What is known of an input that has a control; `undefined` if the class or the input is not known. Dots lead into choices. */
export function widgetOf(shapes: NodeShapes, { class_type }: GraphNode, input: string): WidgetShape | undefined {
  const shape = Object.hasOwn(shapes, class_type) ? shapes[class_type] : undefined;
  return shape && inWidgets(shape.widgets, input);
}

function inWidgets(widgets: readonly WidgetShape[], input: string): WidgetShape | undefined {
  const direct = widgets.find(({ name }) => name === input);
  if (direct) return direct;
  for (const { name, choices = {} } of widgets) {
    if (!input.startsWith(`${name}.`)) continue;
    const rest = input.slice(name.length + 1);
    const found = Object.values(choices).map((inside) => inWidgets(inside, rest));
    return found.find((widget) => widget !== undefined);
  }
  return undefined;
}

/** The types of a node's outputs; `undefined` for a class that is not known. */
export function outputTypes(shapes: NodeShapes, { class_type }: GraphNode): readonly string[] | undefined {
  return Object.hasOwn(shapes, class_type) ? shapes[class_type]!.outputs : undefined;
}

/** The name that counts: what follows the last dot of `model.prompt`. */
export function lastName(input: string): string {
  return input.slice(input.lastIndexOf('.') + 1);
}
