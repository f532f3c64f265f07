import { anzahl, area, count } from '../area';
import { faults } from './faults';
import { germanSentence, germanWord } from './sentences';

export const common = area(
  {
    save: 'Save', cancel: 'Cancel', close: 'Close', edit: 'Edit', add: 'Add', remove: 'Remove', back: 'Back', undo: 'Undo', clear: 'Clear',
    retry: 'Try again', copy: 'Copy', copied: 'Copied', more: 'More', open: 'Open', none: 'None', unset: '—', yes: 'Yes', no: 'No', all: 'All',
    loading: 'Loading…', empty: 'Nothing here yet', search: 'Search', details: 'Details', archive: 'Archive', restore: 'Restore', archived: 'Archived',
    pending: 'Waiting to be shared', pendingHint: 'Saved on this device. Others see it once it is shared.',
    draftKept: 'Draft kept on this device', discardDraft: 'Discard draft', required: 'Required', optional: 'optional',
    nothingFound: 'Nothing found', typeToSearch: 'Type to search', unknownPerson: 'Unknown', system: 'Holdfast', noValue: 'Not set',
    saveHint: 'Enter saves, Escape goes back', saveHintLong: 'Ctrl Enter saves, Escape goes back', undone: 'Undone', nothingToUndo: 'Nothing to undo',
    records: (n: number) => count(n, 'record', 'records'), selected: (n: number) => `${n.toLocaleString('en')} selected`,
    changedBy: (who: string) => `changed by ${who}`, write: 'Write', preview: 'Preview', markdownHint: 'Markdown works here', showMore: 'Show more', shownOf: (shown: string, all: string) => `${shown} of ${all} shown.`, showNext: (n: string) => `Show ${n} more`,
    sortBy: (column: string) => `Sort by ${column}`, sortedUp: 'sorted ascending', sortedDown: 'sorted descending', columns: 'Columns', filter: 'Filter',
    addFilter: 'Filter', clearFilters: 'Clear filters', removeFilter: (name: string) => `Remove filter ${name}`, actions: 'Actions', name: 'Name', code: 'Code',
    invalidNumber: 'Please enter a number', minutes: 'min', download: 'Download', choose: 'Choose', of: 'of', word: (word: string) => word, controlKey: 'Ctrl',
  },
  {
    save: 'Speichern', cancel: 'Abbrechen', close: 'Schließen', edit: 'Bearbeiten', add: 'Hinzufügen', remove: 'Entfernen', back: 'Zurück', undo: 'Rückgängig', clear: 'Leeren',
    retry: 'Erneut versuchen', copy: 'Kopieren', copied: 'Kopiert', more: 'Mehr', open: 'Öffnen', none: 'Keine', unset: '—', yes: 'Ja', no: 'Nein', all: 'Alle',
    loading: 'Wird geladen…', empty: 'Noch nichts vorhanden', search: 'Suchen', details: 'Einzelheiten', archive: 'Archivieren', restore: 'Wiederherstellen', archived: 'Archiviert',
    pending: 'Wartet aufs Teilen', pendingHint: 'Auf diesem Gerät gespeichert. Andere sehen es, sobald es geteilt ist.',
    draftKept: 'Entwurf auf diesem Gerät behalten', discardDraft: 'Entwurf verwerfen', required: 'Pflichtfeld', optional: 'freiwillig',
    nothingFound: 'Nichts gefunden', typeToSearch: 'Zum Suchen tippen', unknownPerson: 'Unbekannt', system: 'Holdfast', noValue: 'Nicht gesetzt',
    saveHint: 'Enter speichert, Escape geht zurück', saveHintLong: 'Strg Enter speichert, Escape geht zurück', undone: 'Rückgängig gemacht', nothingToUndo: 'Nichts rückgängig zu machen',
    records: (n: number) => anzahl(n, 'Datensatz', 'Datensätze'), selected: (n: number) => `${n.toLocaleString('de')} ausgewählt`,
    changedBy: (who: string) => `geändert von ${who}`, write: 'Schreiben', preview: 'Vorschau', markdownHint: 'Markdown ist möglich', showMore: 'Mehr anzeigen', shownOf: (shown: string, all: string) => `${shown} von ${all} gezeigt.`, showNext: (n: string) => `${n} weitere zeigen`,
    sortBy: (column: string) => `Nach ${column} sortieren`, sortedUp: 'aufsteigend sortiert', sortedDown: 'absteigend sortiert', columns: 'Spalten', filter: 'Filter',
    addFilter: 'Filter', clearFilters: 'Filter entfernen', removeFilter: (name: string) => `Filter ${name} entfernen`, actions: 'Aktionen', name: 'Name', code: 'Kürzel',
    invalidNumber: 'Bitte eine Zahl eingeben', minutes: 'Min.', download: 'Herunterladen', choose: 'Wählen', of: 'von', word: germanWord, controlKey: 'Strg',
  },
);

export const errors = area(
  {
    unreachable: 'Holdfast did not answer. What you typed is still here; try again in a moment.',
    unreachableTitle: 'Holdfast does not answer',
    unreachableHelp: 'The program on this computer may have been closed. Start it again; nothing that was saved is lost.',
    unknown: 'That did not work. What you typed is still here.',
    code: (code: string) => `code ${code}`,
    loadFailed: 'This could not be loaded',
    crashed: 'This screen ran into a problem', crashedHelp: 'Your data is safe. Open the screen again, or go to another one.',
    notFound: 'There is no such page', notFoundHelp: 'The address may be mistyped or from another version. Ctrl K finds every record and screen.', goHome: 'Go to My work',
    said: (code: string, sentence: string) => (sentence === '' ? (faults[code]?.en ?? sentence) : sentence),
    token: 'This page needs the address that Holdfast printed', tokenHelp: 'Open the address with its token once; afterwards this browser remembers it.',
  },
  {
    unreachable: 'Holdfast hat nicht geantwortet. Ihr Text ist noch da; bitte gleich noch einmal versuchen.',
    unreachableTitle: 'Holdfast antwortet nicht',
    unreachableHelp: 'Das Programm auf diesem Rechner wurde vielleicht beendet. Bitte neu starten; Gespeichertes ist nicht verloren.',
    unknown: 'Das hat nicht geklappt. Ihr Text ist noch da.',
    code: (code: string) => `Code ${code}`,
    loadFailed: 'Das ließ sich nicht laden',
    crashed: 'Auf dieser Seite ist ein Fehler aufgetreten', crashedHelp: 'Ihre Daten sind sicher. Öffnen Sie die Seite erneut oder wechseln Sie zu einer anderen.',
    notFound: 'Diese Seite gibt es nicht', notFoundHelp: 'Die Adresse ist vielleicht vertippt oder aus einer anderen Version. Strg K findet jeden Datensatz und jede Seite.', goHome: 'Zu Meine Arbeit',
    said: germanSentence,
    token: 'Diese Seite braucht die Adresse, die Holdfast ausgegeben hat', tokenHelp: 'Öffnen Sie die Adresse mit ihrem Schlüssel einmal; danach merkt ihn sich dieser Browser.',
  },
);
