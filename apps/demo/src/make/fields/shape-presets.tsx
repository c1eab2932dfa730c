import type { OptionValue, TaskOptions, WorkflowInfo } from '../../../shared/api.ts';
import { Button } from '../../ui/button.tsx';
import { RATIOS, sizeOf } from './shapes.ts';

interface ShapePresetsProps {
  workflow: WorkflowInfo;
  options: TaskOptions;
  onChange: (name: string, value: OptionValue) => void;
}

/** Buttons for common aspect ratios. */
export function ShapePresets({ workflow: { options: rules }, options, onChange }: ShapePresetsProps) {
  const { width, height } = rules;
  if (!width || !height || width.enum || height.enum) return null;
  const choose = (ratio: number) => {
    for (const [name, pixels] of Object.entries(sizeOf(ratio, width, height))) onChange(name, pixels);
  };
  const isChosen = (ratio: number) => {
    const size = sizeOf(ratio, width, height);
    return size.width === (options.width ?? width.default) && size.height === (options.height ?? height.default);
  };
  return (
    <fieldset className="field">
      <legend className="field-label">Aspect ratio</legend>
      <div className="row shapes">
        {Object.entries(RATIOS).map(([name, ratio]) => (
          <Button key={name} size="compact" aria-pressed={isChosen(ratio)} onClick={() => choose(ratio)}>
            <span className="shape" style={{ aspectRatio: ratio }} aria-hidden />
            {name}
          </Button>
        ))}
      </div>
    </fieldset>
  );
}
