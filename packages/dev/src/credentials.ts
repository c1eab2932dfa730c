export type { LocalCredentials } from '@heurist/cli/credentials';
export { loadCredentials } from '@heurist/cli/credentials';
