import { expect, test } from 'vitest';
import { createPreviewReporter, MAX_PREVIEW_BYTES } from './report-preview.ts';

const reportOf = (size: number) => {
  const reports: object[] = [];
  createPreviewReporter((progress) => reports.push(progress))({
    bytes: new Uint8Array(size),
    contentType: 'image/jpeg',
  });
  return reports;
};

test('a preview goes up as a data URL', () => {
  expect(reportOf(3)).toEqual([{ preview: 'data:image/jpeg;base64,AAAA' }]);
});

test('a preview that would not fit into a heartbeat is left out', () => {
  expect(reportOf(MAX_PREVIEW_BYTES).length).toBe(1);
  expect(reportOf(MAX_PREVIEW_BYTES + 1)).toEqual([]);
});

test.each(['image/bmp', 'text/html', 'image/svg+xml', 'image/png;x', '', undefined])(
  'a preview of type %s is left out',
  (type) => {
    const reports: object[] = [];
    const report = createPreviewReporter((progress) => reports.push(progress));
    report({ bytes: new Uint8Array(3), contentType: type as string });
    expect(reports).toEqual([]);
  },
);
