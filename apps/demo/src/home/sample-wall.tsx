import samples from './samples.json' with { type: 'json' };
import type { useQuickRun } from './use-quick-run.ts';

type Sample = (typeof samples)[number];

/** Pictures that this network made. A press makes one of them again. */
export function SampleWall({ make, isBusy }: Pick<ReturnType<typeof useQuickRun>, 'make' | 'isBusy'>) {
  return (
    <section aria-labelledby="samples" className="stack">
      <div>
        <h2 id="samples">Made on a network like this one</h2>
        <p className="muted">Drawn on a CPU by the model under each picture. Press one to draw it again.</p>
      </div>
      <ul className="wall">
        {samples.map((sample, index) => (
          <li key={sample.file} data-large={sample.width > 128 || undefined}>
            <button
              type="button"
              className="sample"
              aria-label={`Draw again: ${sample.prompt}`}
              aria-disabled={isBusy}
              onClick={() => !isBusy && make({ prompt: sample.prompt, seed: sample.seed }, sample.workflow_id)}
            >
              <SamplePicture sample={sample} isFirst={index === 0} />
            </button>
            <p>{sample.prompt}</p>
            <p className="muted">{sample.models.join(', then ')}</p>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** The first one is in sight at once, on a phone as well: it must not wait for the scripts. */
function SamplePicture({ sample: { file, width, height }, isFirst }: { sample: Sample; isFirst: boolean }) {
  const loading = isFirst ? ({ fetchPriority: 'high' } as const) : ({ loading: 'lazy', decoding: 'async' } as const);
  return <img src={`/samples/${file}`} alt="" width={width} height={height} {...loading} />;
}
