// Conditions of `exports` that only the workspace itself can use: they lead to sources, which are not published.
const SOURCE = '@heurist/source';

/** A copy without the workspace's own condition, and without the paths that have no other. */
function withoutSource(exports) {
  if (typeof exports !== 'object' || exports === null) return exports;
  return Object.fromEntries(
    Object.entries(exports)
      .filter(([condition]) => condition !== SOURCE)
      .map(([condition, target]) => [condition, withoutSource(target)])
      .filter(([, target]) => typeof target !== 'object' || target === null || Object.keys(target).length > 0),
  );
}

export const hooks = {
  /** `exports` are written once, for the workspace and for users; what is published leaves the sources out. */
  beforePacking(manifest) {
    const { devDependencies, ...published } = manifest;
    return published.exports ? { ...published, exports: withoutSource(published.exports) } : published;
  },
};
