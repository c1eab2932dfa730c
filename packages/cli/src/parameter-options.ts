import { describeParameters, type ParameterDescription, type WorkflowDefinition } from '@heurist/core/definition';
import { InvalidArgumentError, Option } from 'commander';

/** One flag a parameter, from the workflow's schema. */
export function parameterOptions(definition: WorkflowDefinition): Option[] {
  const { files } = definition;
  const { properties, required } = describeParameters(definition);
  return Object.entries(properties).map(([name, property]) => {
    const kind = files[name] ? 'path or URL' : (property.type ?? 'value');
    const option = new Option(`--${name} <${kind}>`, describe(property, files[name]?.kind)).argParser((text) =>
      parseValue(text, property),
    );
    return required.includes(name) ? option.makeOptionMandatory() : option;
  });
}

/** Values at a step from the smallest on: `4n+1`. */
export function stepText(step: number, minimum = 0): string {
  return `${step}n+${minimum % step}`;
}

function describe(property: ParameterDescription, fileKind: string | undefined): string {
  const { minimum, maximum, multipleOf, enum: choices } = property;
  return [
    property.description ?? (fileKind && `${fileKind} to work on`),
    choices && `one of ${choices.join(', ')}`,
    minimum !== undefined && maximum !== undefined && `from ${minimum} to ${maximum}`,
    multipleOf && `a multiple of ${multipleOf}`,
    property['x-step'] && stepText(property['x-step'], minimum),
    property.default !== undefined && `default ${JSON.stringify(property.default)}`,
  ]
    .filter(Boolean)
    .join('; ');
}

function parseValue(text: string, { type, enum: choices }: ParameterDescription): unknown {
  if (type === 'string' || (!type && !choices)) return text;
  try {
    return JSON.parse(text);
  } catch {
    throw new InvalidArgumentError(`"${text}" is no ${type ?? 'such value'}.`);
  }
}
