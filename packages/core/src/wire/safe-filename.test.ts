import { expect, test } from 'vitest';
import { fileEnding, kindOfMedia, safeFilename } from './safe-filename.ts';

test.each([
  ['ComfyUI_00001_.png', 'image/png', 'ComfyUI_00001_.png'],
  ['Bild 猫.JPEG', 'image/jpeg', 'Bild 猫.jpeg'],
  ['../../etc/passwd', 'text/plain', 'passwd.txt'],
  ['..\\..\\run.exe', 'image/png', 'run.png'],
  ['a\nb\r.png', 'image/png', 'a b.png'],
  ['photo\u202Egnp.exe', 'image/png', 'photognp.png'],
  ['http://[', 'image/png', '[.png'],
  ['..', 'image/png', 'file.png'],
  ['', 'image/webp', 'file.webp'],
  ['.bashrc', 'text/plain', 'file.txt'],
  ['-rf', 'text/plain', 'rf.txt'],
  ['CON.png', 'image/png', 'file_CON.png'],
  ['CON.txt.png', 'image/png', 'file_CON.txt.png'],
  ['con .png', 'image/png', 'file_con.png'],
  ['COM¹.png', 'image/png', 'file_COM¹.png'],
  ['CONIN$.png', 'image/png', 'file_CONIN$.png'],
  ['contact.png', 'image/png', 'contact.png'],
  ['\u200B.png', 'image/png', 'file.png'],
  // whole characters, and no more bytes than a system takes
  [`${'x'.repeat(99)}😀y.png`, 'image/png', `${'x'.repeat(99)}😀.png`],
  ['😀'.repeat(100), 'image/png', `${'😀'.repeat(50)}.png`],
  ['page.html', 'text/html', 'page.bin'],
  ['x.latent', 'application/octet-stream', 'x.latent'],
  ['x.exe', 'application/octet-stream', 'x.bin'],
  [`${'x'.repeat(255)}.png`, 'image/png', `${'x'.repeat(100)}.png`],
])('%j of %s is saved as %j', (filename, content_type, expected) => {
  expect(safeFilename(filename, content_type)).toBe(expected);
});

test('the ending follows the content', () => {
  expect(fileEnding('image/png; charset=x', 'a.jpg')).toBe('png');
  expect(fileEnding('application/x-strange', 'a.sh')).toBe('bin');
  expect(fileEnding('constructor', 'a.sh')).toBe('bin');
});

test.each([
  ['image/png', 'image'],
  ['image/svg+xml', 'file'],
  ['text/html', 'file'],
  ['text/plain; charset=utf-8', 'text'],
  ['video/mp4', 'video'],
  ['audio/flac', 'audio'],
])('%s is %s', (content_type, kind) => {
  expect(kindOfMedia(content_type)).toBe(kind);
});
