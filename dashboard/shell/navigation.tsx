import { Link } from '@tanstack/react-router';
import { Compass, House, ListChecks, type LucideIcon, Plus, ScrollText, Settings, ShieldCheck } from 'lucide-react';
import { kinds } from '../graph/kinds.ts';

const item =
  'flex items-center gap-2 rounded-md px-2 py-1.5 text-soft hover:bg-raised hover:text-ink aria-[current=page]:bg-accent-ground aria-[current=page]:font-medium aria-[current=page]:text-accent';

function Item({
  to,
  icon: Icon,
  text,
  isExact = false,
}: {
  to: string;
  icon: LucideIcon;
  text: string;
  isExact?: boolean;
}) {
  return (
    <li>
      <Link to={to} className={item} activeOptions={{ exact: isExact, includeSearch: false }}>
        <Icon size={16} aria-hidden />
        {text}
      </Link>
    </li>
  );
}

function Group({ title, children }: { title: string; children: React.ReactNode }) {
  return (
    <div>
      <p className="px-2 pt-3 pb-1 font-medium text-soft text-xs">{title}</p>
      <ul>{children}</ul>
    </div>
  );
}

/** Where one can go from everywhere. */
export function Navigation() {
  return (
    <nav aria-label="Main" className="flex flex-col p-2 pb-8">
      <ul>
        <Item to="/" icon={House} text="Home" isExact />
        <Item to="/explore" icon={Compass} text="Entity explorer" />
        <Item to="/jobs" icon={ListChecks} text="Jobs" />
        <Item to="/register" icon={Plus} text="Register" />
      </ul>
      <Group title="Registry">
        {kinds.map(({ path, many, icon }) => (
          <Item key={path} to={`/resources/${path}`} icon={icon} text={many} />
        ))}
      </Group>
      <Group title="Operation">
        <Item to="/access" icon={ShieldCheck} text="Access" />
        <Item to="/audit" icon={ScrollText} text="Audit" />
        <Item to="/settings" icon={Settings} text="Settings" />
      </Group>
    </nav>
  );
}

/** What it is called, and where it begins. */
export function HomeLink() {
  return (
    <Link to="/" className="flex h-14 items-center gap-2 px-4 font-semibold text-base">
      <svg width="20" height="20" viewBox="0 0 20 20" aria-hidden="true" className="text-accent">
        <path d="M4 5 L10 10 L4 15 M10 10 H16" fill="none" stroke="currentColor" strokeWidth="1.5" />
        <g fill="currentColor">
          <circle cx="4" cy="5" r="2.5" />
          <circle cx="4" cy="15" r="2.5" />
          <circle cx="10" cy="10" r="2.5" />
          <circle cx="16" cy="10" r="2.5" />
        </g>
      </svg>
      featuregraph
    </Link>
  );
}
