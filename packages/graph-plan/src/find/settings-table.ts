import type { ParameterKind } from '../found-parameter.ts';

/** An input that a user would set, in any node. */
export interface Setting {
  /** Default: the name of the input. */
  name?: string;
  kind: ParameterKind;
  /** Where the class does not tell. */
  range?: [min: number, max: number];
}

/** Name of the input, without what stands before a dot -> how it is set. */
export const settings: ReadonlyMap<string, Setting> = new Map(
  Object.entries<Setting>({
    width: { kind: 'side' },
    height: { kind: 'side' },
    output_width: { kind: 'whole', range: [0, 16_384] },
    output_height: { kind: 'whole', range: [0, 16_384] },
    megapixels: { kind: 'decimal', range: [0.01, 16] },
    largest_size: { kind: 'whole', range: [1, 16_384] },
    longer_size: { kind: 'whole', range: [1, 16_384] },
    longer_edge: { kind: 'whole', range: [1, 16_384] },
    shorter_size: { kind: 'whole', range: [1, 16_384] },
    scale_by: { kind: 'decimal', range: [0.01, 8] },
    multiplier: { name: 'scale_by', kind: 'decimal', range: [0.01, 8] },
    upscale_factor: { kind: 'decimal', range: [1, 16] },
    aspect_ratio: { kind: 'choice' },
    ratio: { name: 'aspect_ratio', kind: 'choice' },
    resolution: { kind: 'choice' },
    max_resolution: { name: 'resolution', kind: 'choice' },
    size: { kind: 'choice' },
    size_preset: { name: 'size', kind: 'choice' },
    quality: { kind: 'choice' },
    left: { kind: 'whole', range: [0, 8192] },
    top: { kind: 'whole', range: [0, 8192] },
    right: { kind: 'whole', range: [0, 8192] },
    bottom: { kind: 'whole', range: [0, 8192] },
    length: { kind: 'length' },
    video_frames: { name: 'length', kind: 'length' },
    seconds: { kind: 'decimal', range: [1, 600] },
    duration: { kind: 'decimal', range: [0.1, 600] },
    batch_size: { kind: 'batch_size' },
    fps: { kind: 'fps' },
    frame_rate: { name: 'fps', kind: 'fps' },
    steps: { kind: 'steps' },
    cfg: { kind: 'cfg' },
    guidance: { kind: 'guidance' },
    denoise: { kind: 'denoise' },
    strength: { kind: 'decimal', range: [0, 10] },
    strength_model: { kind: 'decimal', range: [-5, 5] },
    blend_factor: { kind: 'decimal', range: [0, 1] },
    blur_radius: { kind: 'whole', range: [1, 31] },
    sigma: { kind: 'decimal', range: [0.1, 10] },
    motion_bucket_id: { kind: 'whole', range: [1, 1023] },
    tags: { kind: 'text' },
    lyrics: { kind: 'text' },
    lyrics_strength: { kind: 'decimal', range: [0, 10] },
  }),
);

/** Grids of models, by the class of the node that makes the latent: `[side, length]`. */
const grids: [className: RegExp, side: number, frames: number][] = [
  [/LTXV/, 32, 8],
  [/Wan22ImageToVideo/, 32, 4],
  [/Mochi/, 16, 6],
  [/Wan|Hunyuan|Cosmos/, 16, 4],
  [/SD3|Flux|Chroma|Qwen/, 16, 1],
  [/Latent|SVD_img2vid/, 8, 1],
];

/** The grid on which a class takes sizes and lengths. */
export function gridOf(class_type: string, kind: ParameterKind): number | undefined {
  const [, side = 1, frames = 1] = grids.find(([pattern]) => pattern.test(class_type)) ?? [];
  return kind === 'side' ? side : kind === 'length' ? frames : undefined;
}
