/** What a package is called, and which of its graphs a run takes: on a network, and on this machine alone. */
const families: Record<string, { network: string; local: string }> = {
  text2image: { network: 'sdxl', local: 'tiny' },
  image2image: { network: 'sdxl-img2img', local: 'tiny-img2img' },
  inpaint: { network: 'sdxl-inpaint', local: 'tiny-inpaint' },
};

/** `run text2image ...` becomes `run` with the id of a graph: with `--local`, the one that this machine can run. */
export function nameGraph(args: readonly string[]): string[] {
  const [command, name, ...rest] = args;
  const family = command === 'run' && name !== undefined && Object.hasOwn(families, name) ? families[name] : undefined;
  return family ? ['run', args.includes('--local') ? family.local : family.network, ...rest] : [...args];
}
