import { fileProblem, type OwnCheck } from './own-check.ts';
import { Stumble } from './stumble.ts';

function fileCheck(input: string, kind: string): OwnCheck {
  return {
    inputs: [input],
    needs: [input],
    problem: (given, hasFile) => fileProblem(kind, given.get(input), hasFile),
  };
}

const imageCheck = fileCheck('image', 'image');
/** Takes every value, and tells at run time what it makes of an unknown one. */
const deviceCheck: OwnCheck = { inputs: ['device'] };
const modelFileCheck: OwnCheck = {
  inputs: 'all',
  needs: ['model_file'],
  problem: (given, hasFile) => {
    const file = given.get('model_file');
    return file && file !== 'none' ? fileProblem('3D model', file, hasFile) : undefined;
  },
};
const TASK_IDS = ['MODEL_TASK_ID', 'RIG_TASK_ID', 'RETARGET_TASK_ID'];

/** Those of ComfyUI's own classes, as of 0.33. */
export const CORE_CHECKS = new Map<string, OwnCheck>([
  ['LoadImage', imageCheck],
  ['LoadImageMask', imageCheck],
  ['LoadImageOutput', imageCheck],
  ['WebcamCapture', imageCheck],
  ['LoadVideo', fileCheck('file', 'video')],
  ['LoadAudio', fileCheck('audio', 'audio')],
  ['LoadLatent', fileCheck('latent', 'latent')],
  ['Load3D', modelFileCheck],
  ['Load3DAdvanced', modelFileCheck],
  ['SelectModelDevice', deviceCheck],
  ['SelectCLIPDevice', deviceCheck],
  ['SelectVAEDevice', deviceCheck],
  ['ModelAttentionBackend', { inputs: ['attention'], needs: ['attention'] }],
  // its choices are made in the editor
  ['CustomCombo', { inputs: 'all', needs: ['choice'] }],
  [
    'ComfySoftSwitchNode',
    {
      inputs: ['switch', 'on_false', 'on_true'],
      needs: ['switch'],
      problem: (given) =>
        given.has('on_false') || given.has('on_true')
          ? undefined
          : 'At least one of on_false or on_true must be connected to Switch node',
    },
  ],
  [
    'FluxProUltraImageNode',
    {
      inputs: ['aspect_ratio'],
      needs: ['aspect_ratio'],
      problem: (given) => {
        const ratio = given.get('aspect_ratio');
        if (!isRatioWithin(ratio, 4))
          throw new Stumble('ValueError', `Aspect ratio must be 1:4 to 4:1, got '${ratio}'.`);
        return undefined;
      },
    },
  ],
  [
    'TripoConversionNode',
    {
      inputs: [],
      checksLinks: true,
      problem: (_given, _hasFile, linked) => {
        const type = linked.get('original_model_task_id');
        if (type === undefined) throw new Stumble('KeyError', "'original_model_task_id'");
        return TASK_IDS.includes(type as string)
          ? undefined
          : `original_model_task_id must be one of ${TASK_IDS.join(', ')}`;
      },
    },
  ],
]);

function isRatioWithin(ratio: unknown, most: number): boolean {
  const parts = typeof ratio === 'string' ? ratio.split(':') : [];
  const [width = 0, height = 0] = parts.map((part) => (/^\s*\+?\d+\s*$/.test(part) ? Number(part) : 0));
  return parts.length === 2 && width > 0 && height > 0 && width / height >= 1 / most && width / height <= most;
}
