import type { Dashboard } from '@grafana/schema';

/** What the panels of a dashboard ask Prometheus. */
export function expressionsOf({ panels = [] }: Dashboard): string[] {
  const targets = panels.flatMap((panel) => ('targets' in panel ? (panel.targets ?? []) : []));
  return targets.map((target) => String((target as { expr?: unknown }).expr));
}
