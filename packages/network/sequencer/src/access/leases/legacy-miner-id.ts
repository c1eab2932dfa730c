/** No owner of a key has a dash: so a miner without a key never stands for one that has a key. */
const PREFIX = 'legacy-';

/** The id of a reference miner, which shows only an address that everybody can see. */
export const legacyMinerId = (address: string): string => `${PREFIX}${address}`;

/** Whether a miner is a reference miner: it has no key, and sends no heartbeats. */
export const isLegacyMiner = (miner_id: string | null): boolean => miner_id?.startsWith(PREFIX) ?? false;
