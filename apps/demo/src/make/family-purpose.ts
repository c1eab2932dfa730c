const purposes: Record<string, string> = {
  text2image: 'Describe a picture in words, and the model draws it. Every press draws another one.',
  image2image: 'Give a picture, and say what it should become. The model draws it anew, as close to yours as you like.',
  inpaint: 'Paint over a part of a picture, and say what should be there. All the rest stays as it is.',
  upscaler: 'Makes a picture larger, and keeps its edges sharp. What is in it stays the same.',
  'flux-lora': 'Describe a picture in words. The LoRA of your choice gives it a style, or a face that it knows.',
  text2video: 'Describe a scene in words, and the model films it: a few seconds without sound.',
  image2video: 'Give a picture, and the model makes it move: a few seconds without sound.',
  text2audio: 'Name a style and a mood, with lyrics if you like, and the model plays it.',
};

/** What a package is for, to somebody who makes pictures. */
export const purposeOf = (family: string): string | undefined => purposes[family];
