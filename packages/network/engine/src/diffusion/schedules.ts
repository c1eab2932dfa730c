// Noise levels (sigmas) for the steps of a rectified-flow model, from 1 (all noise) to 0 (none): the schedulers of ComfyUI,
// whose names and formulas these are (`comfy/samplers.py`; Karras et al. 2022, equation 5).

/** ComfyUI's `scheduler`s, in its order. */
export const SCHEDULERS = ['simple', 'sgm_uniform', 'karras', 'exponential', 'normal'] as const;
export type Scheduler = (typeof SCHEDULERS)[number];

/** A flow model knows a thousand noise levels. */
const LEVELS = 1000;

/** The noise level at a share of the way, 0 to 1. A `shift` above 1 spends more steps where the outline is decided. */
function sigmaAt(share: number, shift: number): number {
  return (shift * share) / (1 + (shift - 1) * share);
}

/** `count` values from `first` to `last`, both included. */
function spread(first: number, last: number, count: number): number[] {
  return Array.from({ length: count }, (_, index) => first + ((last - first) * index) / Math.max(1, count - 1));
}

const schedules: Record<Scheduler, (steps: number, shift: number) => number[]> = {
  simple: (steps, shift) =>
    Array.from({ length: steps }, (_, step) => sigmaAt((LEVELS - Math.floor((step * LEVELS) / steps)) / LEVELS, shift)),
  // the two below start from sigmas, shifted once, and shift again, as ComfyUI does
  sgm_uniform: (steps, shift) =>
    spread(1, sigmaAt(1 / LEVELS, shift), steps + 1)
      .slice(0, -1)
      .map((share) => sigmaAt(share, shift)),
  normal: (steps, shift) => spread(1, sigmaAt(1 / LEVELS, shift), steps).map((share) => sigmaAt(share, shift)),
  karras: (steps, shift) => spread(1, sigmaAt(1 / LEVELS, shift) ** (1 / 7), steps).map((root) => root ** 7),
  exponential: (steps, shift) => spread(0, Math.log(sigmaAt(1 / LEVELS, shift)), steps).map(Math.exp),
};

/**
 * Noise levels before each step, and 0 at the end.
 *
 * @param denoise - below 1, only the last `steps` of a longer schedule: less is changed; 0 changes nothing
 */
export function planSigmas(scheduler: Scheduler, steps: number, shift: number, denoise = 1): number[] {
  if (denoise <= 0) return [];
  const all = denoise > 0.9999 ? steps : Math.floor(steps / denoise);
  return [...schedules[scheduler](all, shift), 0].slice(-(steps + 1));
}
