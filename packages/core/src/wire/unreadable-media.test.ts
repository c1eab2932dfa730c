import { expect, test } from 'vitest';
import { findUnreadable, mediaTypeOf } from './unreadable-media.ts';

const bytesOf = (text: string) => Buffer.from(text, 'latin1');

test.each([
  ['image/tiff', 'II*\0', 'a TIFF image'],
  ['image/tiff', 'MM\0*', 'a TIFF image'],
  ['image/tiff', 'II+\0\b', 'a TIFF image'],
  ['image/jxl', '\xff\x0a', 'a JPEG XL image'],
  ['image/jxl', '\0\0\0\x0cJXL \r\n\x87\n', 'a JPEG XL image'],
  ['image/jp2', '\0\0\0\x0cjP  \r\n\x87\n', 'a JPEG 2000 image'],
  ['image/vnd.adobe.photoshop', '8BPS\0\x01', 'a Photoshop file (PSD)'],
  ['image/x-icon', '\0\0\x01\0\x02\0', 'an icon (ICO)'],
  ['image/x-canon-cr3', '\0\0\0\x18ftypcrx ', 'a RAW photo'],
  ['image/heic', '\0\0\0\x18ftypavci', 'a HEIC photo'],
  ['image/svg+xml', '<svg xmlns="http://www.w3.org/2000/svg">', 'an SVG drawing'],
  [
    'image/svg+xml',
    '\xef\xbb\xbf<?xml version="1.0"?>\n<!-- made by hand -->\n<!DOCTYPE svg>\n<svg>',
    'an SVG drawing',
  ],
  ['image/svg+xml', `<?xml version="1.0"?><!-- ${'long '.repeat(100)}--><svg >`, 'an SVG drawing'],
  [
    'image/svg+xml',
    `<?xml version="1.0"?><!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "a.dtd" [ ${'<!ENTITY a "b">'.repeat(80)}`,
    'an SVG drawing',
  ],
  ['image/svg+xml', '<?xml version="1.0"?><?xml-stylesheet href="a.css"?><svg:svg>', 'an SVG drawing'],
  ['video/x-msvideo', 'RIFF\0\0\0\0AVI LIST', 'an AVI video'],
  ['audio/aiff', 'FORM\0\0\0\0AIFF', 'an AIFF sound'],
  [undefined, '%PDF-1.7', 'a PDF document'],
  [undefined, 'PK\x03\x04', 'a ZIP archive or an office document'],
  [undefined, '<!DOCTYPE html><html>', 'a web page'],
  [undefined, '\xff\xf1P', 'an AAC sound'],
  // files of any kind may be inputs
  ['model/gltf-binary', 'glTF\x02', undefined],
  // an XML file that only speaks of drawings, and a font
  [undefined, '<!DOCTYPE svgs><svgs>', undefined],
  [undefined, '<?xml version="1.0"?><feed><svg></feed>', undefined],
  [undefined, '\0\x01\0\0\0\x0f', undefined],
  ['image/png', '\x89PNG\r\n\x1a\n', undefined],
  ['image/avif', '\0\0\0\x20ftypavif', undefined],
  ['video/mp4', '\0\0\0\x20ftypqt  ', undefined],
])('%s is what %j is, and %s is its name', (type, text, name) => {
  expect(mediaTypeOf(bytesOf(text))).toBe(type);
  expect(findUnreadable(bytesOf(text))?.name).toBe(name);
});

test.each([
  ['8BPS', 'PNG or JPEG'],
  ['FORM\0\0\0\0AIFF', 'MP3 or WAV'],
  ['FLV\x01', 'MP4 or WebM'],
  ['%PDF-', 'PNG or JPEG'],
])('%j can be converted to %s', (text, target) => {
  expect(findUnreadable(bytesOf(text))?.convertTo).toBe(target);
});
