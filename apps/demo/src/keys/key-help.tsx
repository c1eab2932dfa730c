import { Dialog } from '../ui/dialog.tsx';
import { KEYS } from './key-map.ts';
import { setSingleKeys, useSingleKeys } from './use-key.ts';

/** The map of the keyboard. */
export default function KeyHelp({ onClose }: { onClose: () => void }) {
  const isOn = useSingleKeys();
  return (
    <Dialog title="Keyboard" onClose={onClose}>
      <dl className="keys">
        {Object.values(KEYS).map(({ what, shown }) => (
          <div key={what}>
            <dt>{what}</dt>
            <dd>
              {shown.map((key) => (
                <kbd key={key} className="kbd">
                  {key}
                </kbd>
              ))}
            </dd>
          </div>
        ))}
      </dl>
      <label className="row small">
        <input type="checkbox" checked={isOn} onChange={({ currentTarget }) => setSingleKeys(currentTarget.checked)} />
        Keys without Ctrl or ⌘ are on
      </label>
      <p className="small muted">
        The mask: arrow keys move the brush, Space paints, Shift with arrow keys paints a line. The divider between
        before and after: arrow keys. A step of a chain: Alt with arrow keys moves it.
      </p>
    </Dialog>
  );
}
