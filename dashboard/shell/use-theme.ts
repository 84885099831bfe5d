import { useState } from 'react';
import { keepTheme, keptTheme, showTheme, type Theme } from './theme.ts';

export function useTheme(): [Theme, (theme: Theme) => void] {
  const [theme, setTheme] = useState(keptTheme);
  const choose = (chosen: Theme) => {
    keepTheme(chosen);
    showTheme(chosen);
    setTheme(chosen);
  };
  return [theme, choose];
}
