/** A schema as zod and zod/mini have it. */
interface Schema<T> {
  safeParse(
    value: unknown,
  ):
    | { success: true; data: T }
    | { success: false; error: { issues: readonly { path: readonly PropertyKey[]; message: string }[] } };
}

/** A body that fits its schema, or one line about each field that does not. */
export type Body<T> = { data: T; problems?: never } | { data?: never; problems: string[] };

/**
 * Reads a JSON body and checks it.
 *
 * @param precheck - throws for bodies that no schema should see
 */
export async function readBody<T>(
  request: { json(): Promise<unknown> },
  schema: Schema<T>,
  precheck: (body: unknown) => void = () => {},
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
  return { problems: parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'body'}: ${message}`) };
}
