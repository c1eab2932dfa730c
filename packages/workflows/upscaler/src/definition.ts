// For networks, commands and pages. Apps import the package itself.
import { family } from './family.ts';

export { family };
/** Its graphs, the default first. */
export const definitions = family.definitions;
