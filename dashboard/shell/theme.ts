import { useState } from 'react';

const keptAs = 'featuregraph-theme';

export const themes = ['system', 'light', 'dark'] as const;
export type Theme = (typeof themes)[number];

function keptTheme(): Theme {
  const kept = localStorage.getItem(keptAs);
  return themes.find((theme) => theme === kept) ?? 'system';
}

/** Before anything is drawn: as whoever reads here wanted it the last time. */
export function showTheme(theme: Theme = keptTheme()): void {
  if (theme === 'system') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
}

export function useTheme(): [Theme, (theme: Theme) => void] {
  const [theme, setTheme] = useState(keptTheme);
  const choose = (chosen: Theme) => {
    localStorage.setItem(keptAs, chosen);
    showTheme(chosen);
    setTheme(chosen);
  };
  return [theme, choose];
}
