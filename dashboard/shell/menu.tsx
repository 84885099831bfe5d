import { Dialog as Base } from '@base-ui/react/dialog';
import { useRouterState } from '@tanstack/react-router';
import { useEffect } from 'react';
import { HomeLink, Navigation } from './navigation.tsx';

type Props = { isOpen: boolean; onOpenChange: (isOpen: boolean) => void };

/** Where there is no room beside the page: what lies over it until one has chosen. */
export function Menu({ isOpen, onOpenChange }: Props) {
  const address = useRouterState({ select: ({ location }) => location.pathname });
  // biome-ignore lint/correctness/useExhaustiveDependencies: it closes when the address has changed.
  useEffect(() => () => onOpenChange(false), [address]);
  return (
    <Base.Root open={isOpen} onOpenChange={onOpenChange}>
      <Base.Portal>
        <Base.Backdrop className="fixed inset-0 z-40 bg-shade" />
        <Base.Popup className="fixed inset-y-0 left-0 z-50 w-64 overflow-y-auto bg-panel shadow-xl">
          <Base.Title className="sr-only">Menu</Base.Title>
          <HomeLink />
          <Navigation />
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  );
}
