import { useKeys } from '../keys/use-key.ts';
import { AppHeader } from './app-header.tsx';
import { ConnectionAlert } from './connection-alert.tsx';
import { EarlyPress } from './early-press.tsx';
import { Pages } from './pages.tsx';
import { QueueStrip } from './queue-strip.tsx';

export function App() {
  useKeys();
  return (
    <>
      <AppHeader />
      <ConnectionAlert />
      <main id="main" tabIndex={-1}>
        <Pages />
      </main>
      <QueueStrip />
      <EarlyPress />
    </>
  );
}
