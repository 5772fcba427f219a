import i18next from 'i18next';
import { initReactI18next } from 'react-i18next';
import type { Locale } from 'antd/es/locale/index.js';
import { remember, remembered } from '../parts/remember.ts';
import { en } from './en.ts';

/** Languages by the names that their speakers give them. */
export const LANGUAGES = { en: 'English', zh: '中文' } as const;
export type Language = keyof typeof LANGUAGES;

declare module 'i18next' {
  interface CustomTypeOptions {
    resources: { translation: typeof en; codes: Record<string, string> };
  }
}

let antdLocale: Locale | undefined;

/** antd's own texts in the language that is shown; nothing for English, which antd speaks by itself. */
export const currentAntdLocale = (): Locale | undefined => antdLocale;

export function isLanguage(value: string | undefined): value is Language {
  return value !== undefined && value in LANGUAGES;
}

/** Loads what a language needs, shows the page in it, and remembers it. */
export async function changeLanguage(language: Language): Promise<void> {
  if (language === 'zh') {
    const [{ zh }, { codes }, locale] = await Promise.all([
      import('./zh.ts'),
      import('./codes.zh.ts'),
      import('antd/es/locale/zh_CN.js'),
    ]);
    i18next.addResourceBundle('zh', 'translation', zh);
    i18next.addResourceBundle('zh', 'codes', codes);
    antdLocale = locale.default;
  } else {
    antdLocale = undefined;
  }
  await i18next.changeLanguage(language);
  document.documentElement.lang = language === 'zh' ? 'zh-CN' : 'en';
  document.title = `${i18next.t('title')} · nest-rocketmq`;
}

/** Starts in the language that was chosen last, else in the browser's. */
export async function startLanguage(): Promise<void> {
  await i18next.use(initReactI18next).init({
    resources: { en: { translation: en } },
    lng: 'en',
    fallbackLng: 'en',
    interpolation: { escapeValue: false },
  });
  const kept = remembered('language');
  const preferred = navigator.languages.map((tag) => tag.slice(0, 2).toLowerCase());
  await changeLanguage(isLanguage(kept) ? kept : (preferred.find(isLanguage) ?? 'en'));
}

export async function chooseLanguage(language: Language): Promise<void> {
  remember('language', language);
  await changeLanguage(language);
}
