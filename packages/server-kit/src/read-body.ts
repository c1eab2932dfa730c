/** A schema as zod and zod/mini have it. */
interface Schema<T> {
  safeParse(
    value: unknown,
  ):
    | { success: true; data: T }
    | { success: false; error: { issues: readonly { path: readonly PropertyKey[]; message: string }[] } };
}

/** A body that fits its schema, or one line about each of the first fields that do not. */
export type Body<T> = { data: T; problems?: never } | { data?: never; problems: string[] };

/** More help nobody, and would make a large answer out of a large request. */
const MAX_PROBLEMS = 10;
/** How much of the name of a field is told. */
const MAX_NAME = 100;

function nameOf(path: readonly PropertyKey[]): string {
  const name = path.join('.') || 'body';
  return name.length > MAX_NAME ? `${name.slice(0, MAX_NAME)}…` : name;
}

/**
 * Reads a JSON body and checks it.
 *
 * @param precheck - throws for bodies that no schema should see
 * @param maxProblems - how many problems are told. Default 10
 */
export async function readBody<T>(
  request: { json(): Promise<unknown> },
  schema: Schema<T>,
  precheck: (body: unknown) => void = () => {},
  maxProblems = MAX_PROBLEMS,
): Promise<Body<T>> {
  let body: unknown;
  try {
    body = await request.json();
  } catch {
    return { problems: ['the request body is not valid JSON'] };
  }
  precheck(body);
  const parsed = schema.safeParse(body);
  if (parsed.success) return { data: parsed.data };
  const { issues } = parsed.error;
  const problems = issues.slice(0, maxProblems).map(({ path, message }) => `${nameOf(path)}: ${message}`);
  const more = issues.length - maxProblems;
  return { problems: more > 0 ? [...problems, `and ${more} more`] : problems };
}
