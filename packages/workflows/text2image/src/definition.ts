// For networks, commands and pages. Apps import the package itself.
export { family } from './family.ts';
export { definitions } from './graphs.ts';
