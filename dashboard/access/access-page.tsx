import { Page } from '../parts/page.tsx';
import { ApiKeys } from './api-keys.tsx';
import { Grants } from './grants.tsx';
import { WhoAsks } from './who-asks.tsx';

/** Who may do what: for administrators, but for who one is oneself. */
export function AccessPage() {
  return (
    <Page title="Access" name="Access" about="Who may do what here. Keys and grants are for administrators.">
      <WhoAsks />
      <ApiKeys />
      <Grants />
    </Page>
  );
}
