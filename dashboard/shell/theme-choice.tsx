import { Monitor, Moon, Sun } from 'lucide-react';
import { buttonClass } from '../parts/button.tsx';
import { themes } from './theme.ts';
import { useTheme } from './use-theme.ts';

const icons = { system: Monitor, light: Sun, dark: Moon };

/** Light, dark, or as the system is: each press takes the next. */
export function ThemeChoice() {
  const [theme, choose] = useTheme();
  const Icon = icons[theme];
  const next = themes[(themes.indexOf(theme) + 1) % themes.length] ?? 'system';
  return (
    <button
      type="button"
      className={buttonClass('quiet')}
      aria-label={`Theme: ${theme}. Change to ${next}`}
      title={`Theme: ${theme}`}
      onClick={() => choose(next)}
    >
      <Icon size={16} aria-hidden />
    </button>
  );
}
