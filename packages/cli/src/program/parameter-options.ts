import { describeParameters, type ParameterDescription, type WorkflowDefinition } from '@heurist/core/definition';
import { Option } from 'commander';
import { readValue } from '../workflows/read-value.ts';
import { stepText } from '../workflows/step-text.ts';

/** One flag per parameter, from the workflow's schema. */
export function parameterOptions(definition: WorkflowDefinition): Option[] {
  const { files } = definition;
  const { properties, required } = describeParameters(definition);
  return Object.entries(properties).map(([name, property]) => {
    const kind = files[name] ? 'path or URL' : (property.type ?? 'value');
    const option = new Option(`--${name} <${kind}>`, describe(property, files[name]?.kind)).argParser((text) =>
      readValue(text, property),
    );
    return required.includes(name) ? option.makeOptionMandatory() : option;
  });
}

function describe(property: ParameterDescription, fileKind: string | undefined): string {
  const { minimum, maximum, multipleOf, enum: choices } = property;
  return [
    property.description ?? (fileKind && `the ${fileKind} to use`),
    choices && `one of ${choices.join(', ')}`,
    minimum !== undefined && maximum !== undefined && `from ${minimum} to ${maximum}`,
    multipleOf && `a multiple of ${multipleOf}`,
    property['x-step'] && stepText(property['x-step'], minimum),
    property.default !== undefined && `default ${JSON.stringify(property.default)}`,
  ]
    .filter(Boolean)
    .join('; ');
}
