// The schemas and checks of core take a moment to load: the first call does it, so that a test file starts at once.

/** Core's wire schemas and error codes. */
export const loadProtocol = () => import('@heurist/core/protocol');

/** Core's task types and checks. */
export const loadCore = () => import('@heurist/core');
