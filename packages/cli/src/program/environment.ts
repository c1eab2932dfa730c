/** An environment variable without an option: secrets, and what apps read. */
export interface Variable {
  name: string;
  meaning: string;
}

/** By who reads them. Variables that stand for an option are listed with the option. */
export const variables: Record<string, Variable[]> = {
  'Apps that use the SDK': [
    { name: 'HEURIST_WORKFLOW_URL', meaning: 'address of the sequencer' },
    { name: 'HEURIST_API_KEY', meaning: "consumer's key, `consumerId#key`" },
  ],
  'every heurist command': [
    { name: 'HTTP_PROXY', meaning: 'proxy for http:// addresses' },
    { name: 'HTTPS_PROXY', meaning: 'proxy for https:// addresses' },
    {
      name: 'NO_PROXY',
      meaning:
        'hosts to reach directly, besides this machine: `example.com` (and all below it), `host:port`, `[::1]`, or `*`',
    },
    { name: 'NODE_EXTRA_CA_CERTS', meaning: 'file with certificates of further authorities, in PEM' },
  ],
  'heurist miner setup': [{ name: 'HF_TOKEN', meaning: 'Hugging Face token for gated model files' }],
  'heurist sequencer --artifacts s3://...': [
    { name: 'AWS_ACCESS_KEY_ID', meaning: 'access key of the storage' },
    { name: 'AWS_SECRET_ACCESS_KEY', meaning: 'its secret' },
    { name: 'AWS_REGION', meaning: 'region; default `us-east-1`' },
    { name: 'S3_ENDPOINT', meaning: 'address of the storage; default: AWS in that region' },
    { name: 'S3_PUBLIC_ENDPOINT', meaning: 'its address for miners and consumers, if that differs' },
  ],
};
