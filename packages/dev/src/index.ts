export type { LocalCredentials } from '@heurist/cli/credentials';
export type { LocalNetworkOptions } from './local-network-options.ts';
export type { LocalNetwork } from './start-local-network.ts';
export { startLocalNetwork } from './start-local-network.ts';
