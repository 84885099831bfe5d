const keptAs = 'featuregraph-theme';

export const themes = ['system', 'light', 'dark'] as const;
export type Theme = (typeof themes)[number];

export function keptTheme(): Theme {
  const kept = localStorage.getItem(keptAs);
  return themes.find((theme) => theme === kept) ?? 'system';
}

export function keepTheme(theme: Theme): void {
  localStorage.setItem(keptAs, theme);
}

/** Before anything is drawn: as whoever reads here wanted it the last time. */
export function showTheme(theme: Theme = keptTheme()): void {
  if (theme === 'system') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
}
