import { sniffMediaType } from '@heurist/core';
import sharp from 'sharp';
import { megapixels, PICTURE_KINDS, PICTURE_TYPES, sideOf } from '../../shared/picture-rules.ts';
import { invalidRequest } from '../http/errors.ts';

/** What an upload is. */
export interface Picture {
  /** Such as `image/png`. */
  type: string;
  width: number;
  height: number;
}

const TAKEN = new Set<string>(Object.values(PICTURE_TYPES));

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
  if (!type?.startsWith('image/')) throw invalidRequest(`This file is not an image. Use ${PICTURE_KINDS}.`);
  if (!TAKEN.has(type))
    throw invalidRequest(`Images of the type ${type} are not accepted. Save it as ${PICTURE_KINDS}.`);
  // any damage counts: the decoder would fill what is missing with grey
  const options = { limitInputPixels: false, pages: -1, sequentialRead: true, failOn: 'warning' } as const;
  const picture = sharp(bytes, options).timeout({ seconds: DECODE_SECONDS });
  const { width, pageHeight, height: allHeight, pages = 1 } = await picture.metadata().catch(refuseDamaged);
  const height = pageHeight ?? allHeight;
  const pixels = width * height * pages;
  if (pixels > maxPixels) {
    const size = `${width} x ${height}${pages > 1 ? ` in ${pages} frames` : ''}`;
    throw invalidRequest(
      `This picture has ${megapixels(pixels)} (${size}); the limit is ${megapixels(maxPixels)}. Make it smaller, such as ${sideOf(maxPixels)} pixels${pages > 1 ? ' in all frames together' : ''}.`,
    );
  }
  await picture.toColourspace('b-w').removeAlpha().raw().toBuffer().catch(refuseDamaged);
  return { type, width, height };
}

function refuseDamaged(): never {
  throw invalidRequest('This picture is damaged or cut off. Save it again, or choose another copy.');
}
