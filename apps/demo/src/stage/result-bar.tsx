import { IconDots, IconDownload } from '@tabler/icons-react';
import { lazy, Suspense } from 'react';
import { useKey } from '../keys/use-key.ts';
import { Button, buttonClass, Key } from '../ui/button.tsx';
import { Menu, type MenuItem } from '../ui/menu.tsx';
import { Notice } from '../ui/notice.tsx';
import { type ResultProps, useResultActions } from './use-result-actions.ts';

// only a program that reads files needs more than to be copied
const ProgramDialog = lazy(() => import('../programs/program-dialog.tsx'));

const isThere = (item: MenuItem | undefined): item is MenuItem => item !== undefined;
/** What the key of an action does: nothing while the action cannot be done. */
const actOf = (item: MenuItem | undefined) => (item && !item.reason ? item.onSelect : undefined);

/** The first thing to do with a result, and a menu with the rest. */
export function ResultBar(props: ResultProps) {
  const {
    upscale,
    variations,
    again,
    continued,
    download,
    programs,
    kept,
    copied,
    program,
    closeProgram,
    error,
    isBusy,
  } = useResultActions(props);
  const first = [upscale, variations, again].find((item) => isThere(item) && !item.reason);
  const others = [upscale, variations, again].filter(isThere).filter((item) => item !== first);
  useKey('upscale', actOf(upscale));
  useKey('variations', actOf(variations));
  useKey('again', actOf(again));
  useKey('download', download?.href ? () => location.assign(download.href!) : undefined);
  return (
    <div className="stack" style={{ '--gap': 'var(--space-2)' }}>
      <div className="row result-bar">
        {first && (
          <Button look="primary" aria-disabled={isBusy} onClick={() => !isBusy && first.onSelect?.()}>
            {first.Icon && <first.Icon size={16} />}
            {first.label}
            {first.shortcut && <Key>{first.shortcut}</Key>}
          </Button>
        )}
        {download && (
          <a className={buttonClass({})} href={download.href}>
            <IconDownload size={16} />
            Download
          </a>
        )}
        <Menu label="More actions" isIcon groups={[others, continued, programs, kept]}>
          <IconDots size={18} />
        </Menu>
        <span role="status" className="muted small">
          {copied}
        </span>
      </div>
      {program && (
        <Suspense>
          <ProgramDialog
            title={program.label}
            language={program.language}
            steps={program.steps}
            onClose={closeProgram}
          />
        </Suspense>
      )}
      {error && (
        <div role="alert">
          <Notice tone="bad" title="The task could not be submitted">
            {error.message}
          </Notice>
        </div>
      )}
    </div>
  );
}
