/** A variable of the environment that is no option of a command: secrets, and what apps read. */
export interface Variable {
  name: string;
  meaning: string;
}

/** By who reads them. Those that stand for an option are told by the option itself. */
export const variables: Record<'apps' | 'sequencer --artifacts s3://...', Variable[]> = {
  apps: [
    { name: 'HEURIST_WORKFLOW_URL', meaning: 'address of the sequencer' },
    { name: 'HEURIST_API_KEY', meaning: "consumer's key, `consumerId#key`" },
  ],
  'sequencer --artifacts s3://...': [
    { name: 'AWS_ACCESS_KEY_ID', meaning: 'account of the storage' },
    { name: 'AWS_SECRET_ACCESS_KEY', meaning: 'its key' },
    { name: 'AWS_REGION', meaning: 'region; default `us-east-1`' },
    { name: 'S3_ENDPOINT', meaning: 'address of the storage; default: AWS in that region' },
    { name: 'S3_PUBLIC_ENDPOINT', meaning: 'where miners and consumers reach it, if elsewhere' },
  ],
};
