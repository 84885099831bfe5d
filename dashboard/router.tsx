import {
  createRootRoute,
  createRoute,
  createRouter,
  type ErrorComponentProps,
  lazyRouteComponent,
  parseSearchWith,
  stringifySearchWith,
} from '@tanstack/react-router';
import * as z from 'zod/mini';
import { readAuditSearch } from './access/audit-search.ts';
import { readExplorerSearch } from './explorer/explorer-search.ts';
import { Home } from './home/home.tsx';
import { readJobsSearch } from './jobs/jobs-search.ts';
import { readLineageSearch } from './lineage/lineage-search.ts';
import { readListSearch } from './lists/list-search.ts';
import { AllResources, KindList } from './lists/resource-list.tsx';
import { Empty } from './parts/empty.tsx';
import { Missing } from './parts/missing.tsx';
import { Page } from './parts/page.tsx';
import { readRegisterSearch } from './register/register-search.ts';
import { Shell } from './shell/shell.tsx';

function NotFound() {
  return <Missing title="There is no such page" />;
}

function Defect({ error }: ErrorComponentProps) {
  return (
    <Page title="This view has failed" name="This view has failed">
      <Empty title={error instanceof Error ? error.message : String(error)}>
        Load the page anew; where that does not help, it is a defect of the dashboard.
      </Empty>
    </Page>
  );
}

const root = createRootRoute({ component: Shell, notFoundComponent: NotFound, errorComponent: Defect });
const at = <const P extends string>(path: P) => ({ getParentRoute: () => root, path });

const tab = z.object({ tab: z.catch(z.optional(z.string()), undefined) });
const readTab = (search: Record<string, unknown>) => z.parse(tab, search);

// What few come for first is loaded when they come.
const resource = () => import('./resource/resource-page.tsx');
const jobs = () => import('./jobs/jobs-page.tsx');
const job = () => import('./jobs/job-page.tsx');
const explorer = () => import('./explorer/explorer-page.tsx');
const lineage = () => import('./lineage/lineage-page.tsx');
const access = () => import('./access/access-page.tsx');
const audit = () => import('./access/audit-page.tsx');
const settings = () => import('./settings/settings-page.tsx');
const register = () => import('./register/register-page.tsx');

const routes = [
  createRoute({ ...at('/'), component: Home }),
  createRoute({ ...at('/resources'), component: AllResources, validateSearch: readListSearch }),
  createRoute({ ...at('/resources/$kind'), component: KindList, validateSearch: readListSearch }),
  createRoute({
    ...at('/resources/$kind/$reference'),
    component: lazyRouteComponent(resource, 'ResourcePage'),
    validateSearch: readTab,
  }),
  createRoute({ ...at('/jobs'), component: lazyRouteComponent(jobs, 'JobsPage'), validateSearch: readJobsSearch }),
  createRoute({ ...at('/jobs/$id'), component: lazyRouteComponent(job, 'JobPage') }),
  createRoute({
    ...at('/explore'),
    component: lazyRouteComponent(explorer, 'ExplorerPage'),
    validateSearch: readExplorerSearch,
  }),
  createRoute({
    ...at('/lineage/$kind/$reference'),
    component: lazyRouteComponent(lineage, 'LineagePage'),
    validateSearch: readLineageSearch,
  }),
  createRoute({
    ...at('/register'),
    component: lazyRouteComponent(register, 'RegisterPage'),
    validateSearch: readRegisterSearch,
  }),
  createRoute({ ...at('/access'), component: lazyRouteComponent(access, 'AccessPage') }),
  createRoute({ ...at('/audit'), component: lazyRouteComponent(audit, 'AuditPage'), validateSearch: readAuditSearch }),
  createRoute({ ...at('/settings'), component: lazyRouteComponent(settings, 'SettingsPage') }),
] as const;

export const router = createRouter({
  routeTree: root.addChildren([...routes]),
  scrollRestoration: true,
  // What stands in an address is text: a name in digits stays one.
  parseSearch: parseSearchWith((text) => text),
  stringifySearch: stringifySearchWith(String),
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}
