import { anzahl, area, count } from '../area';

export const waiting = area(
  {
    goneTitle: (n: number) => `${count(n, 'change', 'changes')} to something that is gone`,
    gone: 'Nobody who was heard of here has what this changes: its beginning was lost, with a disk for instance. Should the device that made it come back, it is shared after all.',
    behindCount: (n: number) => (n === 0 ? '' : `${count(n, 'later change waits', 'later changes wait')} behind it.`),
    what: 'Change', record: 'Record', since: 'Made', behind: 'Waits behind an earlier change of the same device.',
    giveUp: 'Give up', giveUpAsk: 'Nobody waits for it any more, and what is behind it is shared. The text stays in the history of this site.', giveUpDo: 'Give it up', copyText: 'Copy the text', givenUp: 'Given up. What waited behind it goes on.',
    again: 'Try again', againDone: 'Sent again', change: 'Change and send', keepNote: 'Keep as a note', kept: 'Kept as a note', keptAlready: 'What was typed stands on the ticket as a note already.',
    newerTitle: 'Needs a newer version', newer: 'Part of this was made by a newer Holdfast and cannot be shown here. It is kept and shared unchanged; update Holdfast on this device to see it.',
  },
  {
    goneTitle: (n: number) => `${anzahl(n, 'Änderung', 'Änderungen')} an etwas, das es nicht mehr gibt`,
    gone: 'Niemand, von dem man hier weiß, hat, was das ändert: Sein Anfang ging verloren, etwa mit einer Festplatte. Kommt das Gerät zurück, das es angelegt hat, wird es doch noch geteilt.',
    behindCount: (n: number) => (n === 0 ? '' : `Dahinter ${n === 1 ? 'wartet 1 spätere Änderung' : `warten ${n.toLocaleString('de')} spätere Änderungen`}.`),
    what: 'Änderung', record: 'Datensatz', since: 'Gemacht', behind: 'Wartet hinter einer früheren Änderung desselben Geräts.',
    giveUp: 'Aufgeben', giveUpAsk: 'Niemand wartet mehr darauf, und was dahinter ist, wird geteilt. Der Text bleibt in der Vorgeschichte dieses Standorts.', giveUpDo: 'Wirklich aufgeben', copyText: 'Text kopieren', givenUp: 'Aufgegeben. Was dahinter wartete, geht weiter.',
    again: 'Erneut versuchen', againDone: 'Noch einmal gesendet', change: 'Ändern und senden', keepNote: 'Als Notiz behalten', kept: 'Als Notiz aufbewahrt', keptAlready: 'Das Getippte steht schon als Notiz am Ticket.',
    newerTitle: 'Braucht eine neuere Version', newer: 'Ein Teil hiervon stammt von einem neueren Holdfast und lässt sich hier nicht anzeigen. Er bleibt erhalten und wird unverändert geteilt; aktualisieren Sie Holdfast auf diesem Gerät, um ihn zu sehen.',
  },
);
