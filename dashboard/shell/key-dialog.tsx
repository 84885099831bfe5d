import { Dialog } from '../parts/dialog.tsx';
import { KeyForm } from './key-form.tsx';

type Props = { isOpen: boolean; onOpenChange: (isOpen: boolean) => void };

/** Who asks, and with which key. */
export function KeyDialog({ isOpen, onOpenChange }: Props) {
  return (
    <Dialog title="Who asks" isOpen={isOpen} onOpenChange={onOpenChange}>
      <KeyForm onDone={() => onOpenChange(false)} />
    </Dialog>
  );
}
