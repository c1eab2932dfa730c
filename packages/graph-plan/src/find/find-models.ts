import type { FoundParameter } from '../found-parameter.ts';
import { placeName } from '../graph-walk.ts';
import { modelFolder } from '../model-folders.ts';
import { mergeEqual } from './merge.ts';
import type { Scene } from './scene.ts';

const MODELS = ['ckpt_name', 'unet_name', 'lora_name', 'control_net_name', 'model_name'];

/** Finds the names of model files that users may want to change. */
export function findModels({ live }: Scene): FoundParameter[] {
  const found = [...live].flatMap(([id, { class_type, inputs }]) =>
    MODELS.flatMap((input): FoundParameter[] => {
      const value = inputs[input];
      if (typeof value !== 'string' || !modelFolder(class_type, input)) return [];
      return [{ name: input, kind: 'model', bindings: [placeName({ node: id, input })], value, isRequired: false }];
    }),
  );
  return mergeEqual(found);
}
