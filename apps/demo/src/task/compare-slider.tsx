import { useState } from 'react';

/** An image before and after a change, one over the other; a slider moves the divider between them. */
export function CompareSlider({ before, after, alt }: { before: string; after: string; alt: string }) {
  const [percent, setPercent] = useState(50);
  const [isComparable, setComparable] = useState(true);
  return (
    <div className="compare">
      <img className="picture" src={after} alt={alt} />
      {isComparable && (
        <>
          <input
            type="range"
            min={0}
            max={100}
            value={percent}
            onChange={({ currentTarget }) => setPercent(Number(currentTarget.value))}
            aria-label="Divider between before and after"
            aria-valuetext={`${percent}% before`}
          />
          <span style={{ left: `${percent}%` }} />
          <img
            className="picture"
            src={before}
            alt="Before"
            style={{ clipPath: `inset(0 ${100 - percent}% 0 0)`, pointerEvents: 'none' }}
            // the upload may have expired: then there is nothing to compare with
            onError={() => setComparable(false)}
          />
        </>
      )}
    </div>
  );
}
