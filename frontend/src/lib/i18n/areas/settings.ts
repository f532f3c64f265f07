import { area } from '../area';

export const settings = area(
  {
    title: 'Settings', appearance: 'Appearance', theme: 'Theme', system: 'As the system', light: 'Light', dark: 'Dark', density: 'Row height', comfortable: 'Comfortable', compact: 'Compact', language: 'Language', deviceHint: 'These settings belong to this device only.',
    nearby: 'Devices nearby', nearbyLook: 'Find devices of the site on the local network', nearbyHint: 'Lets devices share without a node although their addresses have changed. This device says that it is there, and nothing about you.',
    more: 'More', exchange: 'Import & export', exchangeHint: 'Bring records in from a file, or take everything out.', configuration: 'Configuration', configurationHint: 'Workflows, priorities, service levels, roles, templates and runbooks.', people: 'People, teams and sites', peopleHint: 'Who works here, and what each may do.', sync: 'Sync and devices', syncHint: 'Invite devices, and see who shares with whom.', shortcuts: 'Keyboard shortcuts', shortcutsHint: 'Everything the keyboard does, also by pressing ?',
    about: 'About', version: 'Version', dataFolder: 'Data folder', copy: 'Copy', copied: 'Copied', site: 'Site', device: 'Device', person: 'You', cluster: 'Organisation', noCalls: 'Holdfast never calls home.',
    health: 'Health', check: 'Check this device', checkHint: 'Reads everything stored here and says whether it is whole. Large sites take a while.', checking: 'Checking…', fine: 'Fine', trouble: 'Trouble', allFine: 'Everything is in order.', someTrouble: (n: number) => (n === 1 ? 'One check found trouble.' : `${String(n)} checks found trouble.`),
  },
  {
    title: 'Einstellungen', appearance: 'Darstellung', theme: 'Erscheinungsbild', system: 'Wie das System', light: 'Hell', dark: 'Dunkel', density: 'Zeilenhöhe', comfortable: 'Bequem', compact: 'Kompakt', language: 'Sprache', deviceHint: 'Diese Einstellungen gelten nur für dieses Gerät.',
    nearby: 'Geräte in der Nähe', nearbyLook: 'Geräte des Standorts im lokalen Netz finden', nearbyHint: 'So teilen Geräte ohne Knoten, auch wenn sich ihre Adressen geändert haben. Dieses Gerät sagt, dass es da ist, und nichts über Sie.',
    more: 'Weiteres', exchange: 'Import & Export', exchangeHint: 'Datensätze aus einer Datei holen oder alles herausgeben.', configuration: 'Konfiguration', configurationHint: 'Abläufe, Prioritäten, Servicelevel, Rollen, Vorlagen und Runbooks.', people: 'Personen und Teams', peopleHint: 'Wer an welchem Standort arbeitet und was wer darf.', sync: 'Abgleich und Geräte', syncHint: 'Geräte einladen und sehen, wer mit wem teilt.', shortcuts: 'Tastenkürzel', shortcutsHint: 'Alles, was die Tastatur kann, auch mit der Taste ?',
    about: 'Über', version: 'Version', dataFolder: 'Datenordner', copy: 'Kopieren', copied: 'Kopiert', site: 'Standort', device: 'Gerät', person: 'Sie', cluster: 'Organisation', noCalls: 'Holdfast meldet nie etwas nach Hause.',
    health: 'Zustand', check: 'Dieses Gerät prüfen', checkHint: 'Liest alles hier Gespeicherte und sagt, ob es heil ist. Bei großen Standorten dauert das.', checking: 'Wird geprüft…', fine: 'In Ordnung', trouble: 'Problem', allFine: 'Alles ist in Ordnung.', someTrouble: (n: number) => (n === 1 ? 'Eine Prüfung fand ein Problem.' : `${String(n)} Prüfungen fanden Probleme.`),
  },
);
