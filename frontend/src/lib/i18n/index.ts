import { attachments } from './areas/attachments';
import { bundles } from './areas/bundles';
import { common, errors } from './areas/common';
import { config } from './areas/configuration';
import { care } from './areas/care';
import { exchange } from './areas/exchange';
import { actions, did, fields } from './areas/fields';
import { remedies } from './areas/faults';
import { frame, palette, setup, shortcuts } from './areas/frame';
import { catalogue, knowledge } from './areas/library';
import { peerMap } from './areas/peerMap';
import { moving } from './areas/moving';
import { people } from './areas/people';
import { sync } from './areas/program';
import { removal } from './areas/removal';
import { settings } from './areas/settings';
import { shutOut } from './areas/shutOut';
import { merge } from './areas/merge';
import { standing } from './areas/standing';
import { newTicket, ticket, tickets } from './areas/tickets';
import { waiting } from './areas/waiting';

const areas = { common, errors, frame, palette, setup, shortcuts, tickets, ticket, newTicket, fields, actions, did, catalogue, knowledge, people, sync, config, exchange, settings, shutOut, peerMap, bundles, attachments, moving, standing, care, remedies, waiting, merge, removal };

export type Language = 'en' | 'de';
export type Catalogue = { readonly [A in keyof typeof areas]: (typeof areas)[A]['en'] };

function catalogueOf(language: Language): Catalogue {
  return Object.fromEntries(Object.entries(areas).map(([name, texts]) => [name, texts[language]])) as unknown as Catalogue;
}

const catalogues: Record<Language, Catalogue> = { en: catalogueOf('en'), de: catalogueOf('de') };

/** All texts of the interface in a language. */
export function textsIn(language: Language): Catalogue {
  return catalogues[language];
}

/** The language a person's system asks for, English where it asks for none that we have. */
export function systemLanguage(wanted: readonly string[]): Language {
  for (const tag of wanted) {
    const primary = tag.toLowerCase().split('-')[0];
    if (primary === 'de' || primary === 'en') return primary;
  }
  return 'en';
}

/** A field's name in the interface's language, or what the program calls it. */
export function fieldLabel(t: Catalogue, name: string, label: string): string {
  return (t.fields as Record<string, string>)[name] ?? label;
}

/** What somebody did, after their name; the word that the edit carries where the catalogue has none. */
export function didLabel(t: Catalogue, action: string): string {
  return (t.did as Record<string, string>)[action] ?? action;
}

/** An action's name in the interface's language, or the word that the edit carries. */
export function actionLabel(t: Catalogue, action: string): string {
  return (t.actions as Record<string, string>)[action] ?? action;
}
