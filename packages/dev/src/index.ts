export type { LocalCredentials } from './credentials.ts';
export type { LocalNetwork, LocalNetworkOptions } from './start-local-network.ts';
export { startLocalNetwork } from './start-local-network.ts';
