import { Anchor } from '@mantine/core';
import { Link } from 'wouter';
import type { Output } from '../shared/api.ts';

/** A picture, video or sound. */
export function OutputView({ output, alt, isWhole = false }: { output: Output; alt: string; isWhole?: boolean }) {
  const { url, kind, filename } = output;
  if (kind === 'video') return <video className="picture" src={url} controls loop muted aria-label={alt} />;
  // biome-ignore lint/a11y/useMediaCaption: nobody knows what generated music says
  if (kind === 'audio') return <audio src={url} controls aria-label={alt} style={{ width: '100%' }} />;
  if (kind === 'image')
    return <img className={isWhole ? 'picture' : 'picture cover'} src={url} alt={alt} loading="lazy" />;
  return <Anchor href={`${url}?download`}>{filename}</Anchor>;
}

/** The same, as the way to the task's own page. */
export function OutputLink({ output, alt, task_id }: { output: Output; alt: string; task_id: string }) {
  if (output.kind !== 'image') return <OutputView output={output} alt={alt} />;
  return (
    <Link to={`/tasks/${task_id}`} aria-label={`Open: ${alt}`}>
      <OutputView output={output} alt="" />
    </Link>
  );
}
