import { useTitle } from '../lib/use-title.ts';
import { Abilities } from './abilities.tsx';
import { PromptBar } from './prompt-bar.tsx';
import { SampleWall } from './sample-wall.tsx';
import { useQuickRun } from './use-quick-run.ts';

/** The first page: what can be made here, and a bar to begin with. */
export function HomePage() {
  useTitle('');
  const quick = useQuickRun();
  return (
    <div className="home">
      <section className="hero">
        <h1>What do you want to make?</h1>
        <p className="muted">Pictures, films and music by ComfyUI workflows. Type what you want to see.</p>
        <PromptBar {...quick} />
      </section>
      <SampleWall {...quick} />
      <Abilities />
    </div>
  );
}
