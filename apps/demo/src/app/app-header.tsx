import { ActionIcon, Anchor, Group, Text, useMantineColorScheme } from '@mantine/core';
import { IconMoon, IconSun } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { Link, useLocation } from 'wouter';

export function AppHeader() {
  return (
    <Group component="nav" aria-label="Main" h="100%" px="md" gap="lg" wrap="nowrap">
      <Text fw={700} visibleFrom="xs">
        Heurist Studio
      </Text>
      <NavigationLink to="/" section="/make">
        Create
      </NavigationLink>
      <NavigationLink to="/gallery">Gallery</NavigationLink>
      <NavigationLink to="/network">Network</NavigationLink>
      <ColorSchemeSwitch />
    </Group>
  );
}

/** @param section - start of the paths for which the link counts as current */
function NavigationLink({ to, section = to, children }: { to: string; section?: string; children: ReactNode }) {
  const [location] = useLocation();
  const isCurrent = location.startsWith(section);
  return (
    <Anchor component={Link} to={to} fw={isCurrent ? 700 : 500} {...(isCurrent && { 'aria-current': 'page' })}>
      {children}
    </Anchor>
  );
}

function ColorSchemeSwitch() {
  const { setColorScheme, colorScheme } = useMantineColorScheme();
  const isDark =
    colorScheme === 'dark' || (colorScheme === 'auto' && matchMedia('(prefers-color-scheme: dark)').matches);
  return (
    <ActionIcon
      ml="auto"
      size="lg"
      variant="default"
      aria-label={isDark ? 'Switch to light mode' : 'Switch to dark mode'}
      onClick={() => setColorScheme(isDark ? 'light' : 'dark')}
    >
      {isDark ? <IconSun size={18} /> : <IconMoon size={18} />}
    </ActionIcon>
  );
}
