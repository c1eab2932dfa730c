import type { WorkflowDefinition } from '@heurist/core/definition';
import { InvalidArgumentError, Option } from 'commander';
import * as z from 'zod';

/** The part of JSON Schema that flags are made from. */
interface PropertySchema {
  type?: string;
  description?: string;
  enum?: unknown[];
  default?: unknown;
  minimum?: number;
  maximum?: number;
}

/** One flag a parameter, from the workflow's schema. */
export function parameterOptions({ parameters, files }: WorkflowDefinition): Option[] {
  const schema = z.toJSONSchema(parameters, { io: 'input', unrepresentable: 'any' });
  const { properties = {}, required = [] } = schema as {
    properties?: Record<string, PropertySchema>;
    required?: string[];
  };
  return Object.entries(properties).map(([name, property]) => {
    const kind = files[name] ? 'path or URL' : (property.type ?? 'value');
    const option = new Option(`--${name} <${kind}>`, describe(property, files[name]?.kind)).argParser((text) =>
      parseValue(text, property),
    );
    return required.includes(name) ? option.makeOptionMandatory() : option;
  });
}

function describe(property: PropertySchema, fileKind: string | undefined): string {
  const { minimum, maximum, enum: choices } = property;
  return [
    property.description ?? (fileKind && `${fileKind} to work on`),
    choices && `one of ${choices.join(', ')}`,
    minimum !== undefined && `from ${minimum}`,
    maximum !== undefined && `up to ${maximum}`,
    property.default !== undefined && `default ${property.default}`,
  ]
    .filter(Boolean)
    .join('; ');
}

function parseValue(text: string, { type }: PropertySchema): unknown {
  if (type === 'string' || type === undefined) return text;
  try {
    return JSON.parse(text);
  } catch {
    throw new InvalidArgumentError(`"${text}" is no ${type}.`);
  }
}
