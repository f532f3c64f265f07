import { createContext, useContext } from 'react';
import { type Catalogue, type Language, textsIn } from '@/lib/i18n';

export const LanguageContext = createContext<Language>('en');

/** The interface's language; also what dates and numbers are written in. */
export function useLanguage(): Language {
  return useContext(LanguageContext);
}

/** All texts in the interface's language. */
export function useText(): Catalogue {
  return textsIn(useLanguage());
}
