import { HeuristError } from '@heurist/core';
import { APIResource } from './resource.ts';

/** What `smartgen.generateImage` took. */
export interface SmartGenParams {
  description: string;
  width?: number;
  height?: number;
  image_model?: string;
  language_model?: string;
  is_sd?: boolean;
  must_include?: string;
  examples?: string[];
  negative_prompt?: string;
  quality?: 'normal' | 'high';
  num_iterations?: number;
  guidance_scale?: number;
  stylization_level?: number;
  detail_level?: number;
  color_level?: number;
  lighting_level?: number;
  param_only?: boolean;
}

/** Prompts written by a language model: this network runs none. */
export class SmartGen extends APIResource {
  /** @throws {HeuristError} `unsupported`, always */
  async generateImage(
    _params: SmartGenParams,
  ): Promise<{ parameters: Record<string, unknown> } | { url: string; parameters: Record<string, unknown> }> {
    throw new HeuristError(
      '`smartgen` is not supported: this network runs no language model. Write the prompt yourself, and call images.generate({ model, prompt }).',
      { code: 'unsupported' },
    );
  }
}
