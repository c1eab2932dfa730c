import type * as z from 'zod/mini';
import { HeuristError } from '../wire/errors.ts';

const FILE_SUFFIX = '_url';

/** Marks the check of a file option. It is data in the schema, so that other copies of this package recognise it. */
export const fileMark = { isFile: true };

/** Whether a schema accepts the URL of a file: one made by `fileUrl`, `image` or `mask`, optional or not. */
export function isFileSchema(schema: z.core.$ZodType): boolean {
  const { checks = [], innerType } = schema._zod.def as z.core.$ZodTypeDef & { innerType?: z.core.$ZodType };
  const hasMark = checks.some((check) => (check._zod.def as { params?: Partial<typeof fileMark> }).params?.isFile);
  return hasMark || (innerType !== undefined && isFileSchema(innerType));
}

/**
 * The option that sets a parameter: `image_url` sets the file `image`.
 *
 * @param parameter - name on the wire
 * @param isFile - whether the parameter is a file, as listed in the `files` of a definition
 */
export function optionName(parameter: string, isFile: boolean): string {
  return isFile ? `${parameter}${FILE_SUFFIX}` : parameter;
}

/** The parameter that an option sets: the reverse of {@link optionName}. */
export function parameterName(option: string, isFile: boolean): string {
  return isFile && option.endsWith(FILE_SUFFIX) ? option.slice(0, -FILE_SUFFIX.length) : option;
}

/**
 * The parameters that the options of a schema set.
 *
 * @returns option -> name on the wire
 * @throws {HeuristError} `invalid_configuration` if two options set one parameter, or a file option is not named
 * `<name>_url`
 */
export function parameterNames({ shape }: z.ZodMiniObject): Map<string, string> {
  const options = new Map<string, string>();
  for (const [option, schema] of Object.entries(shape)) {
    const isFile = isFileSchema(schema);
    const parameter = parameterName(option, isFile);
    if (isFile && parameter === option)
      throw invalid(`The option \`${option}\` is a file: name it \`${optionName(option, true)}\`.`);
    const other = options.get(parameter);
    if (other)
      throw invalid(
        `The options \`${other}\` and \`${option}\` both set the parameter \`${parameter}\`: rename one of them.`,
      );
    options.set(parameter, option);
  }
  return new Map(Array.from(options, ([parameter, option]) => [option, parameter]));
}

const invalid = (message: string) => new HeuristError(message, { code: 'invalid_configuration' });
