import { HeuristError } from '@heurist/core';
import type { Context } from 'hono';
import { decodeLease, type Lease } from '../../access/leases/lease-token.ts';
import { prefixOf } from '../link-base.ts';
import type { SequencerServices } from '../services.ts';
import { accessKeyIdOf, isSignedWith, type SignedRequest } from './aws-signature.ts';

/** The same for all: which task a request is for stands in its session token. */
const ACCESS_KEY_ID = 'HEURIST-TASK-UPLOAD';

/** What a reference miner signs its upload with. */
export interface UploadCredential {
  access_key_id: string;
  secret_access_key: string;
  session_token: string;
}

type Signing = Pick<SequencerServices, 'signer' | 'sharedClock'>;

/** A credential for the output of one attempt at one task: no storage knows it, and it is worth nothing once the attempt has ended. */
export function createUploadCredential(lease_id: string, { signer }: Pick<Signing, 'signer'>): UploadCredential {
  return {
    access_key_id: ACCESS_KEY_ID,
    secret_access_key: signer.sign(`upload:${lease_id}`),
    session_token: lease_id,
  };
}

/**
 * The lease that an upload names, before its body is read.
 *
 * @throws {HeuristError} `unauthorized`
 */
export function readUploadLease(header: SignedRequest['header'], { signer, sharedClock }: Signing): Lease {
  const isOurs = accessKeyIdOf(header('authorization')) === ACCESS_KEY_ID;
  const lease = isOurs ? decodeLease(header('x-amz-security-token') ?? '', signer, sharedClock) : undefined;
  if (lease) return lease;
  throw refused('is not signed with the `credential` of a claim');
}

/** @throws {HeuristError} `unauthorized` */
export function checkUploadSignature(
  { req }: Context,
  body: Uint8Array,
  { signer, publicUrl }: Pick<SequencerServices, 'signer' | 'publicUrl'>,
): void {
  const lease_id = req.header('x-amz-security-token') ?? '';
  const { secret_access_key } = createUploadCredential(lease_id, { signer });
  const request = { method: req.method, header: (name: string) => req.header(name), body };
  // what was signed has the path of the public address, whether or not a proxy has taken it away
  const paths = [req.path, prefixOf(publicUrl) + req.path];
  if (!paths.some((path) => isSignedWith(secret_access_key, { ...request, path })))
    throw refused('does not fit its signature. A proxy in front must pass the Host header and the body on unchanged');
}

const refused = (why: string) => new HeuristError(`The upload ${why}.`, { code: 'unauthorized' });
