/** How a machine with a GPU joins a network: typed there, not in a clone. */
export const addGpuLines = (networkUrl: string): string[] => [
  'npm install -g @heurist/cli',
  'heurist miner setup sdxl --models ~/ComfyUI/models',
  `heurist miner --sequencer ${networkUrl} --comfyui http://127.0.0.1:8188 --key-file miner.key`,
];
