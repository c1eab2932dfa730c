/** A seed that every graph accepts. */
export const randomSeed = (): number => crypto.getRandomValues(new Uint32Array(1))[0]!;
