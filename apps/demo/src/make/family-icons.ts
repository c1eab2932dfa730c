import {
  IconArrowsMaximize,
  IconBrush,
  IconMovie,
  IconMusic,
  IconPhoto,
  IconPhotoEdit,
  IconPhotoSpark,
  IconSparkles,
  IconVideo,
} from '@tabler/icons-react';

const icons: Record<string, typeof IconPhoto> = {
  text2image: IconSparkles,
  image2image: IconPhotoEdit,
  inpaint: IconBrush,
  upscaler: IconArrowsMaximize,
  'flux-lora': IconPhotoSpark,
  text2video: IconVideo,
  image2video: IconMovie,
  text2audio: IconMusic,
};

/** The picture that stands for a package. */
export const iconOf = (family: string): typeof IconPhoto => icons[family] ?? IconPhoto;
