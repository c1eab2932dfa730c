import type { OutputDescription } from '@heurist/core';
import { Anchor } from '@mantine/core';
import { Link } from 'wouter';

/** An image, video or sound. */
export function OutputView({
  output,
  alt,
  isWhole = false,
}: {
  output: OutputDescription;
  alt: string;
  isWhole?: boolean;
}) {
  const { url, kind, filename } = output;
  if (kind === 'video') return <video className="picture" src={url} controls loop muted aria-label={alt} />;
  // biome-ignore lint/a11y/useMediaCaption: there is no transcript of generated music
  if (kind === 'audio') return <audio src={url} controls aria-label={alt} style={{ width: '100%' }} />;
  if (kind === 'image')
    return <img className={isWhole ? 'picture' : 'picture cover'} src={url} alt={alt} loading="lazy" />;
  return <Anchor href={`${url}?download`}>{filename}</Anchor>;
}

/** The same, as a link to the task's own page. */
export function OutputLink({ output, alt, task_id }: { output: OutputDescription; alt: string; task_id: string }) {
  if (output.kind !== 'image') return <OutputView output={output} alt={alt} />;
  return (
    <Link to={`/tasks/${task_id}`} aria-label={`Open: ${alt}`}>
      <OutputView output={output} alt="" />
    </Link>
  );
}
