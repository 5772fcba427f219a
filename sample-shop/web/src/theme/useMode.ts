import { useEffect, useState } from 'react';
import { remember, remembered } from '../parts/remember.ts';
import type { Mode } from './theme.ts';

function initial(): Mode {
  const kept = remembered('theme');
  if (kept === 'light' || kept === 'dark') return kept;
  return matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';
}

/** Light or dark: as it was chosen last, else as the system is. */
export function useMode(): [Mode, (mode: Mode) => void] {
  const [mode, setMode] = useState(initial);
  useEffect(() => {
    document.documentElement.dataset.theme = mode;
  }, [mode]);
  return [
    mode,
    (chosen) => {
      remember('theme', chosen);
      setMode(chosen);
    },
  ];
}
