import { sniffMediaType } from '@heurist/core';
import sharp from 'sharp';
import { megapixels } from '../../shared/picture-rules.ts';
import { invalidRequest } from '../http/errors.ts';

/** What an upload is. */
export interface Picture {
  /** Such as `image/png`. */
  type: string;
  width: number;
  height: number;
}

/** How long decoding may take: a picture within the limit takes one or two seconds. */
const DECODE_SECONDS = 20;

/**
 * Reads a picture to its end, as a miner will: what is cut off or too large is refused here, not after the submit.
 *
 * @param maxPixels - of all frames together
 * @throws {HeuristError} `invalid_request`, which says how to fix it
 */
export async function readPicture(bytes: Uint8Array, maxPixels: number): Promise<Picture> {
  const type = sniffMediaType(bytes);
  if (!type?.startsWith('image/')) throw invalidRequest('This file is not an image. Use PNG, JPEG, WebP, GIF or AVIF.');
  // any damage counts: the decoder would fill what is missing with grey
  const options = { limitInputPixels: false, pages: -1, sequentialRead: true, failOn: 'warning' } as const;
  const picture = sharp(bytes, options).timeout({ seconds: DECODE_SECONDS });
  const { width, pageHeight, height: allHeight, pages = 1 } = await picture.metadata().catch(refuseDamaged);
  const height = pageHeight ?? allHeight;
  const pixels = width * height * pages;
  if (pixels > maxPixels) {
    const size = `${width} x ${height}${pages > 1 ? ` in ${pages} frames` : ''}`;
    throw invalidRequest(
      `This picture has ${megapixels(pixels)} (${size}); the limit is ${megapixels(maxPixels)}. Use a smaller one.`,
    );
  }
  await picture.toColourspace('b-w').removeAlpha().raw().toBuffer().catch(refuseDamaged);
  return { type, width, height };
}

function refuseDamaged(): never {
  throw invalidRequest('This picture is damaged or cut off. Save it again, or choose another copy.');
}
