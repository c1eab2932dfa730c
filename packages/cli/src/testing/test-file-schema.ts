import * as z from 'zod/mini';
import { isPictureKind, KIND_NAMES, type KindName, PICTURES } from './file-kinds.ts';

/** What editors show of each field, by way of the JSON schema. */
const meanings = z.registry<{ description: string }>();

const mustBe = (what: string) => ({ error: `must be ${what}` });

/** Fields of an object; a field that is not known is a slip. */
const fields = <Shape extends z.core.$ZodLooseShape>(shape: Shape) => z.strictObject(shape, mustBe('an object'));

function meaning<Schema extends z.ZodMiniType>(schema: Schema, description: string): z.ZodMiniOptional<Schema> {
  const field = z.optional(schema);
  meanings.add(field, { description });
  return field;
}

const text = z.string(mustBe('text, and not empty')).check(z.minLength(1, mustBe('text, and not empty')));
const whole = z.int(mustBe('a whole number, 0 or more')).check(z.minimum(0, mustBe('a whole number, 0 or more')));
const limit = z.number(mustBe('a number, 0 or more')).check(z.minimum(0, mustBe('a number, 0 or more')));
const limits = fields({ min: z.optional(limit), max: z.optional(limit) }).check(
  z.refine(({ min, max }) => min !== undefined || max !== undefined, mustBe('an object with min, max or both')),
  z.refine(({ min = 0, max = Number.MAX_VALUE }) => min <= max, mustBe('a range whose min is not above its max')),
);
const count = z.union([whole, limits], mustBe('a whole number, or a range such as { "min": 1, "max": 4 }'));
const seconds = z.union([limits], mustBe('a range such as { "min": 1.9, "max": 2.1 }'));

const kind = z.enum(KIND_NAMES, mustBe(`one of ${KIND_NAMES.join(', ')}`));
const like = fields({
  file: text.register(meanings, {
    description: 'The stored picture; its path begins at this file. --update writes it.',
  }),
  tolerance: z
    .number(mustBe('a number from 0 to 255'))
    .check(z.minimum(0, mustBe('a number from 0 to 255')), z.maximum(255, mustBe('a number from 0 to 255')))
    .register(meanings, { description: 'The largest mean difference of all values, each from 0 to 255.' }),
});

/** Expectations for which a picture is decoded. */
export const LOOKS = ['not_blank', 'like'] as const;
type Looked = { kind?: KindName | KindName[] | undefined } & { [Look in (typeof LOOKS)[number]]?: unknown };

const expectation = fields({
  count: meaning(count, 'How many outputs there are.'),
  kind: meaning(
    z.union([kind, z.array(kind)], mustBe(`one of ${KIND_NAMES.join(', ')}, or a list of them, one per output`)),
    'What each output is, by its content; or a list, one per output.',
  ),
  width: meaning(count, 'Width of each picture and video, in pixels.'),
  height: meaning(count, 'Height of each picture and video, in pixels.'),
  not_blank: meaning(
    z.literal(true, mustBe('true, or left out')),
    'No picture is black, transparent or of one colour; of an animation (WebP, GIF), some frame is not.',
  ),
  like: meaning(like, 'The first picture, or its first frame, is like a stored one.'),
  media_seconds: meaning(seconds, 'How long each video or sound lasts.'),
  run_seconds: meaning(seconds, 'How long the run took, from the claim by a miner to the end of the graph.'),
  text_contains: meaning(
    z.union([text, z.array(text)], mustBe('text, or a list of texts')),
    'What the text of the result contains.',
  ),
}).check(
  z.refine((given) => Object.keys(given).length > 0, mustBe('an object with at least one expectation')),
  ...LOOKS.map((look) =>
    z.refine<Looked>((given) => !given[look] || given.kind === undefined || [given.kind].flat().some(isPictureKind), {
      error: ({ input }) => `looks at ${PICTURES}, but kind is ${JSON.stringify((input as Looked).kind)}`,
      path: [look],
    }),
  ),
);

const test = fields({
  name: text.register(meanings, { description: 'What it shows, such as "draws a fox".' }),
  workflow_id: meaning(text, 'The workflow to run. Default: the only one of the package.'),
  parameters: meaning(
    z.record(z.string(), z.unknown(), mustBe('an object')),
    'Parameters of the task. Files are URLs, or paths that begin at this file.',
  ),
  timeout_seconds: meaning(
    z.number(mustBe('a number above 0')).check(z.positive(mustBe('a number above 0'))),
    'How long to wait for the result. Default: --timeout.',
  ),
  expect: expectation,
});

const names = (tests: readonly { name: string }[]) => new Set(tests.map(({ name }) => name));

/** What a file of tests holds. */
export const testFileSchema = fields({
  $schema: z.optional(z.string(mustBe('text'))),
  tests: z.array(test, mustBe('a list of tests')).check(
    z.minLength(1, mustBe('a list with at least one test')),
    z.refine((tests) => names(tests).size === tests.length, mustBe('a list in which each name is there once')),
  ),
});

/** A test of a workflow. */
export type WorkflowTest = z.output<typeof test>;
/** What is expected of its result. */
export type Expectation = z.output<typeof expectation>;
/** A number, or a range. */
export type Wanted = z.output<typeof count>;

/** The JSON schema of the same, for editors. */
export function testFileJsonSchema(): object {
  return {
    ...z.toJSONSchema(testFileSchema, { metadata: meanings, io: 'input' }),
    title: 'Tests of a Heurist workflow',
  };
}
