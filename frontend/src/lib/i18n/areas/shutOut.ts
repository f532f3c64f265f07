import { area } from '../area';

export const shutOut = area(
  {
    title: (name: string) => `Shut out ${name}`, act: 'Shut out', open: 'Shut out…', openFor: (name: string) => `Shut out ${name}…`,
    effect: 'From now on nobody shares with this device. What it shared before stays.',
    how: 'What happened', left: 'It was handed in, or its person left', leftHint: 'Changes of it that are not agreed yet come to review.',
    compromised: 'It was lost, stolen or broken into', compromisedHint: 'Changes of it that are not agreed yet are kept apart, for administrators only.',
    why: 'Why', whyHint: 'For those who ask later.', wipe: 'Remove its data', wipeHint: 'The next time it reaches a node. Changes that it alone holds are lost with it.',
    wiping: 'data will be removed', states: { left: 'Shut out', compromised: 'Shut out, lost' }, leftBehind: 'The cluster was begun anew without it',
    copied: 'Two copies write under its name', settleCopy: 'Only one is left', settleCopyFor: (name: string) => `Only one copy of ${name} is left`,
  },
  {
    title: (name: string) => `${name} sperren`, act: 'Sperren', open: 'Sperren…', openFor: (name: string) => `${name} sperren…`,
    effect: 'Ab jetzt teilt niemand mehr mit diesem Gerät. Was es vorher geteilt hat, bleibt.',
    how: 'Was ist passiert', left: 'Es wurde abgegeben, oder die Person ist gegangen', leftHint: 'Noch nicht vereinbarte Änderungen des Geräts kommen zur Prüfung.',
    compromised: 'Es wurde verloren, gestohlen oder manipuliert', compromisedHint: 'Noch nicht vereinbarte Änderungen werden abgesondert, nur für die Verwaltung sichtbar.',
    why: 'Warum', whyHint: 'Für alle, die später fragen.', wipe: 'Daten darauf löschen', wipeHint: 'Sobald es das nächste Mal einen Knoten erreicht. Änderungen, die nur dort liegen, gehen damit verloren.',
    wiping: 'Daten werden gelöscht', states: { left: 'Gesperrt', compromised: 'Gesperrt, verloren' }, leftBehind: 'Ohne dieses Gerät neu begonnen',
    copied: 'Zwei Kopien schreiben unter seinem Namen', settleCopy: 'Nur noch eine', settleCopyFor: (name: string) => `Von ${name} gibt es nur noch eine Kopie`,
  },
);
