import { Dialog as Base } from '@base-ui/react/dialog';
import { X } from 'lucide-react';
import type { ReactNode } from 'react';
import { buttonClass } from './button.tsx';

type Props = { title: string; isOpen: boolean; onOpenChange: (isOpen: boolean) => void; children: ReactNode };

export function Dialog({ title, isOpen, onOpenChange, children }: Props) {
  return (
    <Base.Root open={isOpen} onOpenChange={onOpenChange}>
      <Base.Portal>
        <Base.Backdrop className="fixed inset-0 z-40 bg-shade" />
        <Base.Popup className="panel fixed top-[10vh] left-1/2 z-50 max-h-[80vh] w-[min(40rem,calc(100vw-1.5rem))] -translate-x-1/2 overflow-auto p-4 shadow-xl">
          <div className="mb-3 flex items-center justify-between gap-4">
            <Base.Title className="font-semibold text-base">{title}</Base.Title>
            <Base.Close aria-label="Close" className={buttonClass('quiet')}>
              <X size={16} aria-hidden />
            </Base.Close>
          </div>
          {children}
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  );
}
