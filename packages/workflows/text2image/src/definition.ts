// What the network, commands and pages need to know. Apps import the package itself.
export { family } from './family.ts';
export { definitions } from './graphs.ts';
