const names: Record<string, string> = {
  cfg: 'CFG',
  denoise: 'Denoising strength',
  fps: 'Frames per second',
  lora_name: 'LoRA',
};

/** As the beginning of a sentence. */
export const capitalized = (words: string): string => words.charAt(0).toUpperCase() + words.slice(1);

/** What a parameter is called on the page. */
export function labelOf(parameter: string): string {
  return names[parameter] ?? capitalized(parameter.replaceAll('_', ' '));
}

const units: Record<string, string> = { width: 'px', height: 'px', seconds: 's', length: 'frames', fps: 'fps' };

/** The unit of a number option. */
export const unitOf = (option: string): string | undefined => units[option];

/** `3 s`, `2 min 5 s`. */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 60 ? `${minutes} min ${seconds % 60} s` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** `1.2 MB`. */
export const size = (bytes: number): string =>
  bytes < 1e6 ? `${Math.ceil(bytes / 1e3)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
