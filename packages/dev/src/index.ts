export type { LocalCredentials } from '@heurist/cli/credentials';
export type { LocalNetwork, LocalNetworkOptions } from './start-local-network.ts';
export { startLocalNetwork } from './start-local-network.ts';
