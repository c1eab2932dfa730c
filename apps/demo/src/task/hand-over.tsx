import { IconBrush, IconMaximize, IconMovie, IconPencil } from '@tabler/icons-react';
import { useLocation } from 'wouter';
import type { FamilyInfo, FileValue, OptionValue } from '../../shared/api.ts';
import { saveDraft } from '../data/browser-stores.ts';
import { fileOption } from '../lib/file-value.ts';
import { ActionButton } from './action-button.tsx';

/** The packages that continue from an image, and what the button for each says. */
const uses = [
  { family: 'upscaler', label: 'Upscale', Icon: IconMaximize },
  { family: 'image2image', label: 'Edit', Icon: IconPencil },
  { family: 'inpaint', label: 'Repaint', Icon: IconBrush },
  { family: 'image2video', label: 'Animate', Icon: IconMovie },
];

interface HandOverProps {
  image: FileValue;
  prompt: OptionValue | undefined;
  catalogue: FamilyInfo[];
  isCompact: boolean;
}

/** Makes an image the input of another workflow. */
export function HandOver({ image, prompt, catalogue, isCompact }: HandOverProps) {
  const [, navigate] = useLocation();
  return uses.map(({ family, label, Icon }) => {
    const [workflow] = catalogue.find(({ name }) => name === family)?.workflows ?? [];
    const option = workflow && fileOption(workflow, 'image');
    if (!option) return null;
    const onClick = () => {
      saveDraft(family, { options: { [option]: image, ...(prompt !== undefined && { prompt }) } });
      navigate(`/make/${family}`);
    };
    return <ActionButton key={family} label={label} Icon={Icon} isCompact={isCompact} onClick={onClick} />;
  });
}
