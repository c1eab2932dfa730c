import type { NodeInfo, ObjectInfo } from '@heurist/comfyui';

/** Texts for readers, and what only the editor looks at. */
const OF_THE_EDITOR = new Set([
  'advanced',
  'chip',
  'color_scheme',
  'control_after_generate',
  'default',
  'display',
  'display_name',
  'dynamicPrompts',
  'hidden',
  'lazy',
  'multiline',
  'placeholder',
  'round',
  'socketless',
  'step',
  'tooltip',
  'widgetType',
]);

/** The part of `/object_info` that decides about graphs. */
export function compactInfo(info: ObjectInfo): ObjectInfo {
  // an input may be called like an option, and is a list
  const decisive = (key: string, value: unknown) =>
    OF_THE_EDITOR.has(key) && !Array.isArray(value) ? undefined : value;
  return Object.fromEntries(
    Object.entries(info).map(([name, { input, output, output_node, python_module, deprecated, api_node }]) => {
      const { required, optional } = input;
      const inputs = { ...(required && { required: specs(required) }), ...(optional && { optional: specs(optional) }) };
      return [name, { input: inputs, output, output_node, python_module, deprecated, api_node }];
    }),
  );

  function specs(section: NonNullable<NodeInfo['input']['required']>) {
    return Object.fromEntries(
      Object.entries(section).map(([name, spec]) => [name, JSON.parse(JSON.stringify(spec, decisive))]),
    );
  }
}
