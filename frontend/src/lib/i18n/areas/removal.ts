import { area } from '../area';

export const removal = area(
  {
    open: (what: string) => `Remove for good: ${what}`, title: (what: string) => `Remove for good: ${what}`, act: 'Remove for good',
    effect: 'The content goes from the record, its history and every device that hears of it. This cannot be undone. Who removed it, when and why stays.',
    beyond: 'Sticks, backups and exports that were made before still hold it, and so does what people copied. Change what was secret all the same.',
    removed: 'Removed for good', why: 'Why', whyHint: 'This stays. Do not repeat what you remove.', done: 'It is removed as soon as the site has agreed.',
  },
  {
    open: (what: string) => `Endgültig entfernen: ${what}`, title: (what: string) => `Endgültig entfernen: ${what}`, act: 'Endgültig entfernen',
    effect: 'Der Inhalt verschwindet aus dem Datensatz, aus seiner Historie und von jedem Gerät, das davon erfährt. Das lässt sich nicht rückgängig machen. Wer ihn wann und warum entfernt hat, bleibt.',
    beyond: 'Sticks, Sicherungen und Exporte von früher enthalten ihn weiter, ebenso was jemand kopiert hat. Ändern Sie trotzdem, was geheim war.',
    removed: 'Endgültig entfernt', why: 'Warum', whyHint: 'Das bleibt. Wiederholen Sie nicht, was Sie entfernen.', done: 'Es wird entfernt, sobald der Standort zugestimmt hat.',
  },
);
