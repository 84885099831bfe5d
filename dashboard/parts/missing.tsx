import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { Empty } from './empty.tsx';
import { Page } from './page.tsx';

/** A page of what is not there. */
export function Missing({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <Page title={title} name={title}>
      <Empty title="It may have been deleted, or you may not be allowed to see it">
        {children}{' '}
        <Link to="/" className="link">
          Go home
        </Link>
      </Empty>
    </Page>
  );
}
