import type { OutputDescription } from '@heurist/core';
import { useState } from 'react';
import type { OutputValue } from '../lib/dragged-output.ts';
import { draggable } from '../lib/dragged-output.ts';
import type { Size } from '../lib/picture-size.ts';
import { CompareSlider } from './compare-slider.tsx';
import { PictureFrame } from './picture-frame.tsx';

interface OutputViewProps {
  output: OutputDescription;
  value: OutputValue;
  alt: string;
  /** Address of the picture that it was made from, to compare with. */
  before: string | undefined;
}

/** An image, video or sound, as large as there is room. */
export function OutputView({ output: { url, kind, filename, width, height }, value, alt, before }: OutputViewProps) {
  const [loaded, setLoaded] = useState<Size>();
  if (kind === 'video') return <video className="film" src={url} controls loop muted aria-label={alt} />;
  // biome-ignore lint/a11y/useMediaCaption: there is no transcript of generated music
  if (kind === 'audio') return <audio src={url} controls aria-label={alt} style={{ width: '100%' }} />;
  if (kind !== 'image') return <a href={`${url}?download`}>{filename}</a>;
  return (
    <PictureFrame size={width && height ? { width, height } : loaded}>
      <img
        src={url}
        alt={alt}
        {...draggable(value)}
        onLoad={({ currentTarget }) =>
          setLoaded({ width: currentTarget.naturalWidth, height: currentTarget.naturalHeight })
        }
      />
      {before && <CompareSlider before={before} />}
    </PictureFrame>
  );
}
