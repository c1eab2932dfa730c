/** What a graph takes of a machine, as somebody has measured it. */
export interface Cost {
  takes: string;
  /** Who says so, and where. */
  by: string;
  source: string;
}

const sd15: Cost = {
  takes: '10 GB of GPU memory at least',
  by: 'says its publisher',
  source: 'https://github.com/CompVis/stable-diffusion',
};

const wan22Large: Cost = {
  takes: '80 GB of GPU memory for 720p, with files twice as large as these',
  by: 'says its publisher',
  source: 'https://github.com/Wan-Video/Wan2.2',
};

const wan22Medium: Cost[] = [
  {
    takes: '24 GB of GPU memory, such as an RTX 4090; five seconds at 720p in under 9 minutes',
    by: 'says its publisher',
    source: 'https://github.com/Wan-Video/Wan2.2',
  },
  {
    takes: '8 GB of GPU memory, if parts wait in main memory',
    by: "says ComfyUI's tutorial",
    source: 'https://docs.comfy.org/tutorials/video/wan/wan2_2',
  },
];

const COMFY = 'https://github.com/Comfy-Org/workflow_templates/blob/main/templates';
const byTemplate = (takes: string, name: string): Cost => ({
  takes,
  by: "measured for ComfyUI's template",
  source: `${COMFY}/${name}.json`,
});

const ltxVideo: Cost = {
  takes: 'two seconds on an H100, for five seconds of 768x512',
  by: "says its publisher's paper",
  source: 'https://arxiv.org/abs/2501.00103',
};

const tiny: Cost = {
  takes: 'a fifth of a second for an icon, on two CPU cores',
  by: 'measured for the model card',
  source: '../../packages/network/tiny-icons/README.md',
};

/** By workflow id. Only what has a source; where there is none, the page says so. */
export const costs: Readonly<Record<string, readonly Cost[]>> = {
  sd15: [sd15],
  'sd15-img2img': [sd15],
  'sd15-inpaint': [sd15],
  'qwen-image': [
    byTemplate(
      '86 % of the 24 GB of an RTX 4090D; 94 seconds for the first image, 71 for the next',
      'image_qwen_image',
    ),
  ],
  tiny: [tiny],
  'tiny-img2img': [tiny],
  'tiny-inpaint': [tiny],
  upscaler: [
    {
      takes: '7 to 10 seconds to enlarge 256x256 four times, on two CPU cores',
      by: 'measured',
      source: '../benchmarks.md',
    },
  ],
  '1': [
    {
      takes: '60 GB of GPU memory for 129 frames of 1280x720, 45 GB for 960x544',
      by: 'says its publisher',
      source: 'https://github.com/Tencent-Hunyuan/HunyuanVideo',
    },
  ],
  '2': [
    {
      takes: 'under 20 GB of GPU memory in ComfyUI',
      by: 'says its publisher',
      source: 'https://github.com/genmoai/mochi',
    },
  ],
  'wan2.1-t2v-1.3b': [
    {
      takes: '8.19 GB of GPU memory; four minutes on an RTX 4090, for five seconds at 480p',
      by: 'says its publisher',
      source: 'https://github.com/Wan-Video/Wan2.1',
    },
  ],
  'wan2.2-t2v-14b': [wan22Large],
  'wan2.2-t2v-5b': wan22Medium,
  'ltxv-t2v': [ltxVideo],
  'wan2.2-i2v-14b': [
    byTemplate(
      '84 % of the 24 GB of an RTX 4090D at 640x640; 536 seconds for the first video, 513 for the next',
      'video_wan2_2_14B_i2v',
    ),
    wan22Large,
  ],
  'wan2.2-i2v-14b-4step': [
    byTemplate(
      '83 % of the 24 GB of an RTX 4090D at 640x640; 97 seconds for the first video, 71 for the next',
      'video_wan2_2_14B_i2v',
    ),
  ],
  'wan2.2-i2v-5b': wan22Medium,
  'ltxv-i2v': [ltxVideo],
  svd: [
    {
      takes: 'about 180 seconds on an A100 with 80 GB, at the settings of its release',
      by: 'says its model card',
      source: 'https://huggingface.co/stabilityai/stable-video-diffusion-img2vid-xt',
    },
  ],
  'ace-step': [
    {
      takes:
        '3.84 seconds on an RTX 4090, 9.26 on an RTX 3090, for a minute of music in 60 steps; 8 GB of GPU memory, if parts wait in main memory',
      by: 'says its publisher',
      source: 'https://github.com/ace-step/ACE-Step',
    },
  ],
};
