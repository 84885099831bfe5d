import { WhoAsks } from '../access/who-asks.tsx';
import { Button } from '../parts/button.tsx';
import { Page, Section } from '../parts/page.tsx';
import { KeyForm } from '../shell/key-form.tsx';
import { themes } from '../shell/theme.ts';
import { useTheme } from '../shell/use-theme.ts';

const shortcuts = [
  ['⌘K or Ctrl+K', 'Search'],
  ['Tab, Shift+Tab', 'From one thing to the next, and back'],
  ['Enter', 'Go where a link leads, press a button'],
  ['↑ ↓ ← →', 'Choose in a search, scroll a table that has the focus'],
  ['Escape', 'Close what lies over the page'],
] as const;

/** What concerns this browser alone: nothing here changes the server. */
export function SettingsPage() {
  const [theme, choose] = useTheme();
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  return (
    <Page title="Settings" name="Settings" about="For this browser alone.">
      <Section title="Colours">
        <fieldset className="flex gap-1">
          <legend className="sr-only">Colours</legend>
          {themes.map((one) => (
            <Button
              key={one}
              look={one === theme ? 'solid' : 'plain'}
              aria-pressed={one === theme}
              onClick={() => choose(one)}
            >
              {one}
            </Button>
          ))}
        </fieldset>
      </Section>
      <Section title="Times">
        <p className="text-soft">Shown in your zone, {zone}. Point at one to see it in UTC.</p>
      </Section>
      <Section title="Key">
        <div className="max-w-xl">
          <KeyForm />
        </div>
      </Section>
      <WhoAsks />
      <Section title="Keyboard">
        <dl className="panel grid grid-cols-[auto_1fr] gap-x-6 gap-y-2 p-4">
          {shortcuts.map(([keys, what]) => (
            <div key={keys} className="contents">
              <dt>
                <kbd className="font-sans text-soft">{keys}</kbd>
              </dt>
              <dd>{what}</dd>
            </div>
          ))}
        </dl>
      </Section>
      <Section title="GraphQL">
        <p>
          Everything here comes from the graph. Ask it yourself in the{' '}
          <a href="/playground" className="link">
            playground
          </a>
          .
        </p>
      </Section>
    </Page>
  );
}
