import { describeParameters, type WorkflowDefinition } from '@heurist/core/definition';

const file = 'https://example.com/x.png';

/** What each parameter may be at its ends. */
function extremes(definition: WorkflowDefinition): Record<string, unknown[]> {
  const { properties } = describeParameters(definition);
  const values = Object.entries(properties).map(([name, { enum: choices, minimum, maximum }]) => {
    if (choices) return [name, choices];
    if (minimum !== undefined) return [name, [minimum, maximum]];
    if (definition.files[name]) return [name, [file]];
    return [name, name === 'lora_name' ? ['gecko', 'gecko.safetensors'] : ['x', '日本語, “quotes” and\nlines']];
  });
  return Object.fromEntries(values);
}

/** Parameters to try a graph with: the fewest that it takes, and those with each other one at each of its ends. */
export function parameterCases(definition: WorkflowDefinition): Record<string, unknown>[] {
  const ends = extremes(definition);
  const least = Object.fromEntries(describeParameters(definition).required.map((name) => [name, ends[name]![0]]));
  return [
    least,
    ...Object.entries(ends).flatMap(([name, values]) => values.map((value) => ({ ...least, [name]: value }))),
  ];
}
