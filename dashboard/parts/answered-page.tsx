import type { ReactNode } from 'react';
import type { CombinedError } from 'urql';
import { Answered } from './answered.tsx';
import { Page } from './page.tsx';

type Props<Data> = {
  of: { data?: Data | undefined; error?: CombinedError | undefined };
  /** What the page is called until there is more to say. */
  name: string;
  children: (data: Data) => ReactNode;
};

/** A page that a query makes: until it has answered, and where it fails, there is one nevertheless. */
export function AnsweredPage<Data extends object>({ of, name, children }: Props<Data>) {
  if (of.data && !of.error) return children(of.data);
  return (
    <Page title={name} name={name}>
      <Answered of={of}>{children}</Answered>
    </Page>
  );
}
