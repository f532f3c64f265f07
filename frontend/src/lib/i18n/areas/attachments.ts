import { anzahl, area, count } from '../area';

export const attachments = area(
  {
    title: 'Attachments', attach: 'Attach files', hint: 'or drop them here, or paste a screenshot', drop: 'Drop to attach', screenshot: 'Screenshot', shortcut: 'Attach a file',
    list: 'Attached files', sending: 'Being attached', save: (name: string) => `Save ${name}`, saveShort: 'Save', show: (name: string) => `Show ${name}`, saved: (where: string) => `Saved as ${where}`,
    fetch: 'Fetch now', fetchOf: (name: string) => `Fetch ${name} now`, cancel: 'Cancel', cancelOf: (name: string) => `Cancel ${name}`, retry: 'Try again', retryOf: (name: string) => `Try again to attach ${name}`,
    progress: (part: string, whole: string) => `${part} of ${whole}`, coming: 'on its way', waiting: (who: string) => (who === '' ? 'waiting for a device that holds it' : `waiting for ${who}`), elsewhere: 'not kept on this device',
    attached: (names: number) => `${count(names, 'file', 'files')} attached`, noFolder: 'Folders cannot be attached. Pack them into one file first.', by: (who: string) => `by ${who}`,
    policy: 'Attached files', policyHint: 'What this device fetches by itself. Everything else can be fetched with one click.', keep: 'Keep on this device', all: 'All', recent: 'Recent', demand: 'On demand',
    allHint: 'Every attached file, so that all of them open without a network.', recentHint: 'What was attached lately and is not too large. Older files go once a sync node is known to hold them.', demandHint: 'Only what someone opens here. It goes again after a week, once a sync node is known to hold it.',
    days: 'Days back', megabytes: 'Largest file, in MB', fixed: 'This device keeps every file: it decides on changes for its site, and others rely on it.', figures: (here: number, files: number, size: string) => `${here.toLocaleString('en')} of ${count(files, 'file', 'files')} here, ${size}`,
  },
  {
    title: 'Anhänge', attach: 'Dateien anhängen', hint: 'oder hierher ziehen, oder ein Bildschirmfoto einfügen', drop: 'Loslassen zum Anhängen', screenshot: 'Bildschirmfoto', shortcut: 'Datei anhängen',
    list: 'Angehängte Dateien', sending: 'Wird angehängt', save: (name) => `${name} speichern`, saveShort: 'Speichern', show: (name) => `${name} anzeigen`, saved: (where) => `Gespeichert als ${where}`,
    fetch: 'Jetzt holen', fetchOf: (name) => `${name} jetzt holen`, cancel: 'Abbrechen', cancelOf: (name) => `${name} abbrechen`, retry: 'Noch einmal', retryOf: (name) => `${name} noch einmal anhängen`,
    progress: (part, whole) => `${part} von ${whole}`, coming: 'unterwegs', waiting: (who) => (who === '' ? 'wartet auf ein Gerät, das sie hat' : `wartet auf ${who}`), elsewhere: 'nicht auf diesem Gerät',
    attached: (names) => `${anzahl(names, 'Datei', 'Dateien')} angehängt`, noFolder: 'Ordner lassen sich nicht anhängen. Packen Sie sie zuerst in eine Datei.', by: (who) => `von ${who}`,
    policy: 'Angehängte Dateien', policyHint: 'Was dieses Gerät von selbst holt. Alles andere kommt mit einem Klick.', keep: 'Auf diesem Gerät', all: 'Alle', recent: 'Neuere', demand: 'Auf Abruf',
    allHint: 'Jede angehängte Datei, damit sich alle ohne Netz öffnen lassen.', recentHint: 'Was kürzlich angehängt wurde und nicht zu groß ist. Ältere Dateien gehen, sobald ein Knoten sie sicher hat.', demandHint: 'Nur was hier jemand öffnet. Es geht nach einer Woche wieder, sobald ein Knoten es sicher hat.',
    days: 'Tage zurück', megabytes: 'Größte Datei, in MB', fixed: 'Dieses Gerät behält jede Datei: Es entscheidet für seinen Standort über Änderungen, und andere verlassen sich darauf.', figures: (here, files, size) => `${here.toLocaleString('de')} von ${anzahl(files, 'Datei', 'Dateien')} hier, ${size}`,
  },
);
