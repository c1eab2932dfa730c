import imported from 'ky';

/** In the CommonJS build ky, an ES module, arrives as a namespace with the function inside. */
export const ky: typeof imported = (imported as { default?: typeof imported }).default ?? imported;
