import { AwsClient } from 'aws4fetch';

/** The `credential` of a claim. */
export interface Credential {
  access_key_id: string;
  secret_access_key: string;
  session_token: string;
}

/** Signs uploads as the reference miner does. */
export function signedClient(credential: Credential, more: object = {}): AwsClient {
  return new AwsClient({
    accessKeyId: credential.access_key_id,
    secretAccessKey: credential.secret_access_key,
    sessionToken: credential.session_token,
    service: 'execute-api',
    region: 'us-east-1',
    ...more,
  });
}
