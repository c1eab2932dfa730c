import { IconKeyboard, IconSunMoon } from '@tabler/icons-react';
import { lazy, type ReactNode, Suspense, useState } from 'react';
import { Link, useLocation } from 'wouter';
import { useKey } from '../keys/use-key.ts';
import { Button } from '../ui/button.tsx';
import { switchTheme } from './theme.ts';
import { VisitorBadge } from './visitor-badge.tsx';

const KeyHelp = lazy(() => import('../keys/key-help.tsx'));

export function AppHeader() {
  const [isHelpOpen, setHelpOpen] = useState(false);
  useKey('help', () => setHelpOpen(true));
  return (
    <header className="app-header">
      <a className="skip" href="#main">
        Skip to the content
      </a>
      <nav aria-label="Main" className="app-nav">
        <Link to="/" className="brand" aria-label="Heurist Studio, first page">
          <img src="/icon.svg" alt="" width="24" height="24" />
          <span>Heurist Studio</span>
        </Link>
        <NavigationLink to="/make/text2image" section="/make">
          Create
        </NavigationLink>
        <NavigationLink to="/gallery">Gallery</NavigationLink>
        <NavigationLink to="/chains">Chains</NavigationLink>
        <NavigationLink to="/network">Network</NavigationLink>
      </nav>
      <VisitorBadge />
      <Button
        look="quiet"
        isIcon
        className="button quiet icon wide-only"
        aria-label="Keyboard map"
        title="Keyboard map (?)"
        onClick={() => setHelpOpen(true)}
      >
        <IconKeyboard size={18} />
      </Button>
      <Button look="quiet" isIcon aria-label="Switch between light and dark" onClick={switchTheme}>
        <IconSunMoon size={18} />
      </Button>
      {isHelpOpen && (
        <Suspense>
          <KeyHelp onClose={() => setHelpOpen(false)} />
        </Suspense>
      )}
    </header>
  );
}

/** @param section - start of the paths for which the link counts as current */
function NavigationLink({ to, section = to, children }: { to: string; section?: string; children: ReactNode }) {
  const [location] = useLocation();
  return (
    <Link to={to} className="nav-link" {...(location.startsWith(section) && { 'aria-current': 'page' as const })}>
      {children}
    </Link>
  );
}
