import { IconSearch } from '@tabler/icons-react';
import { useDeferredValue, useMemo, useState } from 'react';
import { Link } from 'wouter';
import type { FamilyInfo } from '../../shared/api.ts';
import { useTaskList } from '../data/browser-stores.ts';
import { useKey } from '../keys/use-key.ts';
import { useIsHydrated } from '../lib/use-is-hydrated.ts';
import { useTitle } from '../lib/use-title.ts';
import { findEntries } from './find-entries.ts';
import { GalleryGrid } from './gallery-grid.tsx';

const searchField = () => document.querySelector<HTMLElement>('input[type=search]');

/** Everything that was created in this browser. */
export default function GalleryPage({ catalogue }: { catalogue: FamilyInfo[] }) {
  useTitle('Gallery');
  useKey('prompt', () => searchField()?.focus());
  const entries = useTaskList();
  const isEmpty = useIsHydrated() && !entries.length;
  const [words, setWords] = useState('');
  const wanted = useDeferredValue(words);
  const found = useMemo(() => {
    const titles = new Map(catalogue.map(({ name, title }) => [name, title]));
    return findEntries(entries, wanted, (family) => titles.get(family) ?? family);
  }, [entries, wanted, catalogue]);
  return (
    <div className="page stack">
      <div className="row spread gallery-head">
        <h1>Gallery</h1>
        {entries.length > 0 && (
          <label className="search">
            <IconSearch size={16} aria-hidden />
            <span className="hidden">Search</span>
            <input
              type="search"
              className="input"
              placeholder="Search prompts and models"
              value={words}
              onChange={({ currentTarget }) => setWords(currentTarget.value)}
            />
          </label>
        )}
      </div>
      <p className="muted" role="status">
        {wanted
          ? `${found.length} of ${entries.length}`
          : 'Everything that you create is kept here, in this browser, until you remove it.'}
      </p>
      {isEmpty ? <EmptyGallery /> : <GalleryGrid entries={found} catalogue={catalogue} />}
    </div>
  );
}

function EmptyGallery() {
  return (
    <p>
      Nothing here yet. <Link to="/">Make the first one</Link>
    </p>
  );
}
