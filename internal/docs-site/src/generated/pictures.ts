// What the pages of workflows show: made by the engine of a local network, on a CPU. `npm run docs -- pictures` makes them.

/** How a picture was made. */
export interface Recipe {
  /** Other pictures that went in, by the option that takes them. */
  files: Readonly<Record<string, string>>;
  options: Readonly<Record<string, string | number>>;
}

/** By family: the picture is `docs/workflows/pictures/<family>.webp`. */
export const recipes: Readonly<Record<string, Recipe>> = {
  text2image: { files: {}, options: { prompt: 'a red apple', seed: 7 } },
  image2image: {
    files: { image_url: 'text2image.webp' },
    options: { prompt: 'a green apple', denoise: 0.8, seed: 7 },
  },
  inpaint: {
    files: { image_url: 'text2image.webp', mask_url: 'mask.webp' },
    options: { prompt: 'a rocket', seed: 7 },
  },
  upscaler: { files: { image_url: 'text2image.webp' }, options: { scale: 4 } },
};
