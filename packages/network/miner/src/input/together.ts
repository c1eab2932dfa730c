/** Waits for all, also if one fails: then none of them goes on behind the back of whoever cleans up. */
export async function together<T>(jobs: readonly Promise<T>[]): Promise<T[]> {
  await Promise.allSettled(jobs);
  return await Promise.all(jobs);
}
