import type { ComponentProps } from 'react';

interface SliderProps extends Omit<ComponentProps<'input'>, 'type' | 'className' | 'style'> {
  min: number;
  max: number;
  value: number;
}

/** A slider whose track is filled up to its value. */
export function Slider(props: SliderProps) {
  const { min, max, value } = props;
  return (
    <input
      {...props}
      type="range"
      className="slider"
      style={{ '--filled': `${(100 * (value - min)) / (max - min || 1)}%` }}
    />
  );
}
