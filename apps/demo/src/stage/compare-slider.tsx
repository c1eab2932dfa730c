import { useState } from 'react';

/** Lies over an image and shows what it was made from; a slider moves the divider between them. */
export function CompareSlider({ before }: { before: string }) {
  const [percent, setPercent] = useState(50);
  const [isComparable, setComparable] = useState(true);
  if (!isComparable) return null;
  return (
    <div className="compare">
      <img
        src={before}
        alt="Before"
        style={{ clipPath: `inset(0 ${100 - percent}% 0 0)` }}
        // the upload may have expired: then there is nothing to compare with
        onError={() => setComparable(false)}
      />
      <input
        type="range"
        min={0}
        max={100}
        value={percent}
        onChange={({ currentTarget }) => setPercent(currentTarget.valueAsNumber)}
        aria-label="Divider between before and after"
        aria-valuetext={`${percent}% before`}
      />
      <span className="divider" style={{ left: `${percent}%` }} />
      <span className="compare-label">Before</span>
      <span className="compare-label after">After</span>
    </div>
  );
}
