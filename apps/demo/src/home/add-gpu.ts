/** How a machine with a GPU joins a network. They are typed there, not in a clone. */
export const ADD_A_GPU = [
  'npm install -g @heurist/cli',
  'heurist miner setup sdxl --models ~/ComfyUI/models',
  'heurist miner --sequencer https://tasks.example.com --comfyui http://127.0.0.1:8188 --key-file miner.key',
] as const;
